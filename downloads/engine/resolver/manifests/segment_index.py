"""The index of a fragmented MP4 (``sidx``, ISO/IEC 14496-12, 8.16.3). Pure."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.resolver.manifests.limits import MAX_SEGMENTS
from downloads.engine.resolver.manifests.refusals import broken

_IS_INDEX = 1 << 31  # of a reference: it leads to another index
_SIZE = _IS_INDEX - 1


@dataclass(frozen=True, slots=True)
class IndexedSegment:
    """A segment of the index. ``start`` and ``seconds`` on the media's clock, in seconds."""

    start: float
    seconds: float
    span: ByteRange


def read(data: bytes, at: int) -> list[IndexedSegment]:
    """Return the segments of the index at byte ``at`` of its file. Raises BadManifest."""
    try:
        return _read(data, at)
    except struct.error:
        raise broken("a segment index that is cut off") from None


def _read(data: bytes, at: int) -> list[IndexedSegment]:
    size, kind, version = struct.unpack_from(">I4sB", data)
    if kind != b"sidx" or version > 1:
        raise broken("no segment index where one should be")
    form = ">IIIHH" if version == 0 else ">IQQHH"
    timescale, now, first, _, count = struct.unpack_from(form, data, 16)
    place = 16 + struct.calcsize(form)
    if not timescale or count > MAX_SEGMENTS:
        raise broken("an invalid segment index")
    begin = at + size + first
    found = []
    for number in range(count):
        reference, length, _ = struct.unpack_from(">III", data, place + 12 * number)
        if reference & _IS_INDEX or not reference & _SIZE:
            raise broken("an index of indexes, or of nothing")
        end = begin + (reference & _SIZE)
        found.append(IndexedSegment(now / timescale, length / timescale, ByteRange(begin, end)))
        now, begin = now + length, end
    return found
