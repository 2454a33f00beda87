"""Formats without a header, recognised by consecutive frames or packets. Pure.

A single sync word means nothing: the next must be where the first one says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_MPEG1_KBITS: Final = {
    1: (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    2: (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    3: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
}
_MPEG2_KBITS: Final = {
    1: (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    3: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES: Final = (44_100, 48_000, 32_000)
_AC3_KBITS: Final = (
    32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
)  # fmt: skip
_PACKETS: Final = (188, 192, 204)  # plain, with a time stamp, with Reed-Solomon bytes
_FRAMES: Final = 3  # that must follow each other, as far as the bytes reach
_WHOLE: Final = 2048  # bytes


def recognise(head: bytes) -> str:
    """Return ``mp3``, ``aac``, ``ac3``, ``eac3``, ``ts`` or ``m2ts``, or "" for none of them."""
    return _tagged(head) or _framed(head) or _packets(head)


def _tagged(head: bytes) -> str:
    """Return the format behind an ID3v2 tag, which precedes MP3, and sometimes others; if the tag's
    end is not in sight, MP3."""
    if len(head) < 10 or not head.startswith(b"ID3") or head[3] > 0x10:
        return ""
    length = 20 if head[5] & 0x10 else 10
    for place, byte in enumerate(reversed(head[6:10])):
        length += (byte & 0x7F) << 7 * place
    behind = head[length:].lstrip(b"\x00")
    return "flac" if behind.startswith(b"fLaC") else _framed(behind) or "mp3"


def _framed(head: bytes) -> str:
    for ext, length_of in _LENGTHS:
        if _follow(head, length_of):
            return ext
    return ""


def _follow(head: bytes, length_of: Callable[[bytes], int]) -> bool:
    """Return if frames follow each other; a length of 0 is no frame. In bytes that end after the
    first frame, one is enough; 2 KiB hold two of any format."""
    at = 0
    for seen in range(1, _FRAMES + 1):
        length = length_of(head[at : at + 8])
        if not length:
            return False
        at += length
        if at + 8 > len(head):
            return seen > 1 or len(head) < _WHOLE
    return True


def _mpeg_audio(head: bytes) -> int:
    """Return a frame's length by ISO 11172-3, 2.4.1.3; 0 also for a free-format frame, whose length
    is not known."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    rate, place = head[2] >> 2 & 3, head[2] >> 4
    if version == 1 or layer == 4 or rate == 3 or place in (0, 15):
        return 0
    kbits = (_MPEG1_KBITS if version == 3 else _MPEG2_KBITS)[layer][place - 1]
    hertz = _RATES[rate] >> {3: 0, 2: 1, 0: 2}[version]
    padding = head[2] >> 1 & 1
    if layer == 1:
        return (12_000 * kbits // hertz + padding) * 4
    samples = 72_000 if layer == 3 and version != 3 else 144_000
    return samples * kbits // hertz + padding


def _adts(head: bytes) -> int:
    """Return a frame's length by ISO 13818-7, 6.2; 0 for none."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 > 12:
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length > 7 else 0


def _ac3(head: bytes) -> int:
    """Return a frame's length by ETSI TS 102 366, 5.3.1 and 5.4.1; 0 for none."""
    if len(head) < 6 or head[:2] != b"\x0b\x77" or head[5] >> 3 > 10:
        return 0
    rate, code = head[4] >> 6, head[4] & 63
    if rate == 3 or code >= 2 * len(_AC3_KBITS):
        return 0
    kbits = _AC3_KBITS[code // 2]
    return 2 * (2 * kbits, kbits * 320 // 147 + code % 2, 3 * kbits)[rate]


def _eac3(head: bytes) -> int:
    """Return a frame's length by ETSI TS 102 366, E.1.2.2; 0 for none."""
    if len(head) < 6 or head[:2] != b"\x0b\x77" or not 10 < head[5] >> 3 <= 16:
        return 0
    return 2 * (((head[2] & 7) << 8 | head[3]) + 1)


_LENGTHS: Final = (("mp3", _mpeg_audio), ("aac", _adts), ("ac3", _ac3), ("eac3", _eac3))


def _packets(head: bytes) -> str:
    """Recognise MPEG-TS (ISO 13818-1, 2.4.3.2): 0x47 at the start of each packet, which may not be
    at the first byte. Needs three in a row from the first byte on, else five."""
    starts = [place for place in range(min(len(head), _PACKETS[-1])) if head[place] == 0x47]
    for size in _PACKETS:
        for start in starts:
            syncs = range(start, len(head), size)
            enough = len(syncs) >= (3 if start in (0, size - 188) else 5)
            if enough and all(head[place] == 0x47 for place in syncs):
                return "m2ts" if size == 192 else "ts"
    return ""
