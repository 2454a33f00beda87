"""The boxes of a fragment of MP4 (ISO/IEC 14496-12), counted while it comes. Pure.

A piece that a source or a cache has cut, and told to be that long, would take its follower's
first bytes for its own last ones: what is demuxed behind it is lost.
"""

from __future__ import annotations

from typing import Final

_FIRST: Final = frozenset(
    {b"ftyp", b"styp", b"moof", b"moov", b"mdat", b"sidx", b"emsg", b"prft", b"free", b"skip"}
)
_HEAD: Final = 8  # bytes: a size and a kind
_LARGE_HEAD: Final = 16  # with a size of 64 bits behind them


class BoxWalk:
    """Told every byte of a piece; looks at the heads of its boxes alone."""

    def __init__(self) -> None:
        #: bytes that the box which began last still wants
        self.missing = 0
        self._head = b""
        self._begun = False
        self._over = False  # what comes are no boxes, or the last one is open

    def take(self, data: memoryview) -> None:
        at = 0
        while at < len(data) and not self._over:
            if self.missing:
                step = min(self.missing, len(data) - at)
                self.missing -= step
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
        self.missing = size - len(head)
