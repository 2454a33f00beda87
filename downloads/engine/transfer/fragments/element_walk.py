"""A count of the elements of a WebM fragment (RFC 8794, RFC 9559) while it comes. Pure.

As in MP4, the bytes after an incomplete block would be taken for the rest of it.
"""

from __future__ import annotations

from typing import Final

_EBML, _SEGMENT, _CLUSTER, _GROUP = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0xA0
_FIRST: Final = frozenset({_EBML, _SEGMENT, _CLUSTER})
_ENTERED: Final = frozenset({_SEGMENT, _CLUSTER, _GROUP})
_LONGEST: Final = 12  # bytes of an element's id and size


class ElementWalk:
    """A walk over every byte of a piece; it reads the heads of the elements alone."""

    def __init__(self) -> None:
        self._left = 0  # bytes missing from the element that began last
        self._cluster = 0  # bytes missing from the cluster, if it has a size
        self._head = b""
        self._begun = False
        self._over = False  # the rest are no elements

    @property
    def missing(self) -> int:
        """Return the least number of bytes that are missing if the piece ends here."""
        return 0 if self._over or not self._begun else max(self._left, self._cluster)

    def take(self, data: memoryview) -> None:
        at = 0
        while at < len(data) and not self._over:
            if self._left:
                step = min(self._left, len(data) - at)
                self._left -= step
                self._cluster = max(0, self._cluster - step)
                at += step
                continue
            had = len(self._head)
            self._head += data[at : at + _LONGEST - had]
            used = self._open()
            if not used:
                break
            self._cluster = max(0, self._cluster - used)
            self._head = b""
            at += used - had

    def _open(self) -> int:
        """Return the length of an element's head; 0 if more of it is needed."""
        first = _length(self._head[:1])
        second = _length(self._head[first : first + 1]) if first else 0
        if first > 4 or second > 8:
            self._over = True
            return 0
        if not first or not second or len(self._head) < first + second:
            return 0
        number = int.from_bytes(self._head[:first])
        size = int.from_bytes(self._head[first : first + second]) & ((1 << 7 * second) - 1)
        if not self._begun and number not in _FIRST:
            self._over = True
            return 0
        self._begun = True
        if number == _CLUSTER:  # all ones: of no known size
            is_known = size != (1 << 7 * second) - 1
            self._cluster = first + second + size if is_known else 0
        elif number not in _ENTERED:
            self._left = size
        return first + second


def _length(byte: bytes) -> int:
    """Return the length of the number that begins with ``byte``; 0 if that has not come."""
    return 9 - byte[0].bit_length() if byte else 0
