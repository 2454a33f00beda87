"""A count of AAC frames in ADTS (ISO/IEC 14496-3, 1.A.2.2) while they come. Pure."""

from __future__ import annotations

from typing import Final

from downloads.engine.core.containers import tag_length

_HEAD: Final = 7  # bytes
_TAG_HEAD: Final = 10
_RATES: Final = (
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
    7_350,
)  # fmt: skip
_SAMPLES: Final = 1024  # of a frame


class AdtsWalk:
    """A walk over every byte of a piece; tags before frames are skipped. ``count``: of whole
    frames.

    ``unfinished``: bytes of an incomplete last frame. Other data ends the walk.
    """

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0  # of a frame
        self.is_lost = False
        self._rest = b""
        self._left = 0  # bytes of the frame or tag that began last
        self._size = 0  # of that frame; 0 for a tag

    @property
    def unfinished(self) -> int:
        if self.is_lost:
            return 0
        if self._left:
            return self._size - self._left if self._size else 0
        return len(self._rest) if _is_frame(self._rest, 0) else 0

    def take(self, data: bytes | memoryview) -> None:
        if self.is_lost:
            return
        block = self._rest + data if self._rest else bytes(data)
        at, end = 0, len(block)
        while True:
            step = min(self._left, end - at)
            self._left -= step
            at += step
            if self._left:
                break
            self.count += self._size > 0
            self._size = 0
            is_tag = block[at : at + 3] == b"ID3"
            if end - at < (_TAG_HEAD if is_tag else _HEAD):
                break
            if is_tag:
                self._left = tag_length(block[at : at + _TAG_HEAD])
            elif not self._begin_frame(block, at):
                self.is_lost = True
                break
        self._rest = block[at:]

    def _begin_frame(self, block: bytes, at: int) -> bool:
        rate = block[at + 2] >> 2 & 0xF
        size = (block[at + 3] & 3) << 11 | block[at + 4] << 3 | block[at + 5] >> 5
        if not _is_frame(block, at) or rate >= len(_RATES) or size < _HEAD:
            return False
        self.seconds = _SAMPLES / _RATES[rate]
        self._left = self._size = size
        return True


def _is_frame(block: bytes, at: int) -> bool:
    return len(block) > at + 1 and block[at] == 0xFF and block[at + 1] & 0xF6 == 0xF0
