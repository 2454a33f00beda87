"""A count of the boxes of an MP4 fragment (ISO/IEC 14496-12) while it comes. Pure.

A piece that a source or a cache has cut, with a length to match, would take its follower's first
bytes for its own last ones: everything demuxed behind it is lost.
"""

from __future__ import annotations

import re
from typing import Final

_FIRST: Final = frozenset(
    {b"ftyp", b"styp", b"moof", b"moov", b"mdat", b"sidx", b"emsg", b"prft", b"free", b"skip"}
)
_HEAD: Final = 8  # bytes: a size and a kind
_LARGE_HEAD: Final = 16  # with a size of 64 bits after them
_MOST: Final = 1024 * 1024  # bytes of a fragment's header that are read
_RUN: Final = re.compile(rb"trun....(....)", re.DOTALL)  # its number of samples


class BoxWalk:
    """A walk over every byte of a piece; it reads the heads of the boxes, and ``moof``."""

    def __init__(self) -> None:
        self._left = 0  # bytes missing from the box that began last
        self._kind = b""
        self._head = b""
        self._fragment = b""  # the ``moof`` whose media have not begun
        self._begun = False
        self._over = False  # the rest are no boxes, or the last one is open

    @property
    def missing(self) -> int:
        """Return the least number of bytes that are missing if the piece ends here."""
        if self._over:
            return 0
        if self._left:
            return self._left
        if any(count != bytes(4) for count in _RUN.findall(self._fragment)):
            return _HEAD - len(self._head)
        return self._wanted() - len(self._head) if self._head[4:].isalpha() else 0

    def take(self, data: memoryview) -> None:
        at = 0
        while at < len(data) and not self._over:
            if self._left:
                step = min(self._left, len(data) - at)
                self._left -= step
                if self._kind == b"moof" and len(self._fragment) < _MOST:
                    self._fragment += data[at : at + step]
            else:
                step = min(self._wanted() - len(self._head), len(data) - at)
                self._head += data[at : at + step]
                if len(self._head) == self._wanted():
                    self._open()
            at += step

    def _wanted(self) -> int:
        return _LARGE_HEAD if self._head[:4] == b"\0\0\0\1" else _HEAD

    def _open(self) -> None:
        head, self._head = self._head, b""
        kind, size = head[4:8], int.from_bytes(head[8:] or head[:4], "big")
        is_box = kind.isascii() and kind.isalnum() if self._begun else kind in _FIRST
        if not is_box or size < len(head):
            self._over = True
            return
        self._begun = True
        self._kind = kind
        if kind in (b"moof", b"mdat"):
            self._fragment = b""
        self._left = size - len(head)
