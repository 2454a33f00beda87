"""The packets of a finished MP4, by its index alone (ISO/IEC 14496-12, 8.6): no media is read."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from downloads.engine.core.disk import disk_errors
from downloads.engine.core.errors import ProcessingFailed
from downloads.engine.media.packets import TrackPackets
from downloads.engine.media.scan import AUDIO, VIDEO
from downloads.engine.media.scan_mp4 import boxes_of

_KINDS: Final = {b"vide": VIDEO, b"soun": AUDIO}
_MOST: Final = 512 * 1024 * 1024  # bytes of an index


def read_index(path: Path) -> dict[str, TrackPackets]:
    """Return the packets by kind, of the first track of each. Raises ProcessingFailed, DiskFull,
    InternalError."""
    with disk_errors(), path.open("rb") as file:
        index = _index(file)
    found: dict[str, TrackPackets] = {}
    try:
        scale = _scale(_one(index, b"mvhd"))
        for trak in boxes_of(index, b"trak"):
            track = _track(trak, scale)
            if track is not None:
                found.setdefault(track.kind, track)
    except (struct.error, IndexError, ZeroDivisionError) as error:
        raise ProcessingFailed(f"the index of the file: {error}") from None
    return found


def _index(file: BinaryIO) -> bytes:
    at = 0
    while True:
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            raise ProcessingFailed("the file has no index")
        size = int.from_bytes(head[:4], "big")
        length = 8
        if size == 1:
            size, length = int.from_bytes(head[8:16], "big"), 16
        if head[4:8] == b"moov":
            if size > _MOST:
                raise ProcessingFailed("the index of the file is too large")
            file.seek(at + length)
            return file.read(size - length)
        at += max(size, 8)


def _one(body: bytes, *path: bytes) -> bytes:
    for name in path:
        body = next(boxes_of(body, name), b"")
    return body


def _scale(head: bytes) -> int:
    return int(struct.unpack_from(">I", head, 20 if head[0] else 12)[0])


def _track(trak: bytes, movie_scale: int) -> TrackPackets | None:
    media = _one(trak, b"mdia")
    kind = _KINDS.get(_one(media, b"hdlr")[8:12])
    if kind is None:
        return None
    table, scale = _one(media, b"minf", b"stbl"), _scale(_one(media, b"mdhd"))
    track = TrackPackets(kind, 1 / scale)
    at = _shift(_one(trak, b"edts", b"elst"), scale, movie_scale)
    for count, length in _pairs(_one(table, b"stts"), ">II"):
        track.decoded.extend(range(at, at + count * length, length) if length else [at] * count)
        track.lengths.extend([length] * count)
        at += count * length
    shifts = array("q")
    for count, shift in _pairs(_one(table, b"ctts"), ">Ii"):
        shifts.extend([shift] * count)
    if shifts:
        track.shown.extend(map(int.__add__, track.decoded, shifts))
    else:
        track.shown.extend(track.decoded)
    if struct.unpack_from(">I", _one(table, b"stsz"), 8)[0] != track.count:
        raise ProcessingFailed("the index of the file contradicts itself")
    return track


def _pairs(body: bytes, form: str) -> Iterator[tuple[int, int]]:
    if body:
        count = int.from_bytes(body[4:8], "big")
        yield from struct.iter_unpack(form, body[8 : 8 + 8 * count])


def _shift(edits: bytes, scale: int, movie_scale: int) -> int:
    """Return the decoding time of the first sample, in ticks: empty edits come first, and what is
    cut off at the beginning lies before zero."""
    if not edits:
        return 0
    form, size = (">Qq", 20) if edits[0] else (">Ii", 12)
    empty = 0
    for place in range(int.from_bytes(edits[4:8], "big")):
        length, begin = struct.unpack_from(form, edits, 8 + place * size)
        if begin >= 0:
            return round(empty * scale / movie_scale) - int(begin)
        empty += length
    return 0
