"""Samples of MP4 against the header in front of them (ISO/IEC 14496-15). Pure.

Tracks that were packaged separately may share one number: then a fragment matches another track's
header, and its decoder gets the wrong setup.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from downloads.engine.media.scan import AUDIO

_FEWEST: Final = 3  # samples that must agree
_SIZES: Final = {b"avcC": 4, b"hvcC": 21}  # the byte with the size of the lengths, in the record
_VP9_KEY: Final = b"\x49\x83\x42"  # after the first byte of a key frame
_AV1_SEQUENCE: Final = b"\x0a"  # the header of such an OBU
_START_CODES: Final = (b"\0\0\1", b"\0\0\0\1")


def length_size(description: bytes) -> int:
    """Return the bytes of the length before each NAL unit; 0 if there are no such units.
    ``description``: the track's ``stsd``."""
    for record, place in _SIZES.items():
        at = description.find(record)
        if at >= 0 and len(description) > at + 4 + place:
            return (description[at + 4 + place] & 3) + 1
    return 0


def is_of_another_track(kind: str, lengths: int, samples: Sequence[bytes]) -> bool:
    """Return if ``samples``, the first of a fragment, surely belong to no track of this ``kind``.
    ``lengths`` as of :func:`length_size`."""
    if not samples:
        return False
    if kind == AUDIO:
        return _is_key_frame(samples[0]) or all(map(_are_units, samples))
    if not lengths or len(samples) < _FEWEST:
        return False
    return not any(_may_be_units(sample, lengths) for sample in samples)


def _are_units(sample: bytes) -> bool:
    """Return if a sample consists of NAL units with four-byte lengths, to its last byte."""
    at, end = 0, len(sample)
    while at + 6 <= end:
        size = int.from_bytes(sample[at : at + 4], "big")
        if size < 2 or sample[at + 4] & 0x80:
            return False
        at += 4 + size
    return at == end > 0


def _is_key_frame(sample: bytes) -> bool:
    """Return if it is a key frame of VP9 (its frame_sync_code) or AV1 (a sequence header, and OBUs
    to the last byte)."""
    if sample[1:4] == _VP9_KEY and sample[0] >> 6 == 2:
        return True
    at, end, count = 0, len(sample), 0
    while at + 2 <= end and sample[:1] == _AV1_SEQUENCE:
        if sample[at] & 0x83 != 2:  # forbidden, with a size, reserved
            return False
        at += 2 if sample[at] & 4 else 1
        size, shift = 0, 0
        while at < end:
            size |= (sample[at] & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if not sample[at - 1] & 0x80:
                break
        at, count = at + size, count + 1
    return at == end and count > 1


def _may_be_units(sample: bytes, lengths: int) -> bool:
    first = int.from_bytes(sample[:lengths], "big")
    return first <= len(sample) - lengths or sample.startswith(_START_CODES)
