"""The text in fragmented MP4: WebVTT (``wvtt``), TTML (``stpp``) and 3GPP (``tx3g``). Pure.

Runs in the jail. Sources: ISO/IEC 14496-12 (boxes), 14496-30 (samples of WebVTT and TTML).
ffmpeg's demuxer knows neither ``wvtt`` nor ``stpp``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from downloads.engine.media.cues import Cue, escape, tidy

_BOXES: Final = (b"ftyp", b"styp", b"moov", b"moof", b"sidx", b"mdat", b"emsg", b"prft", b"free")
_ENCRYPTED: Final = (b"enct", b"encv", b"encu")
_KNOWN: Final = (b"wvtt", b"stpp", b"tx3g")


class UnreadableText(ValueError):
    """MP4 without readable text. Its text gives the cause: ``format`` or ``protected``."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample. ``start`` and ``end`` in seconds of the track's own time."""

    start: float
    end: float
    data: bytes


@dataclass(slots=True)
class Mp4TextTrack:
    """A track by its header. ``kind`` is the name of its samples (``wvtt``)."""

    id: int = 0
    kind: bytes = b""
    scale: int = 1
    default_duration: int = 0
    default_size: int = 0


@dataclass(slots=True)
class _Run:
    """A track fragment being read, in the track's time scale."""

    duration: int
    size: int
    base: int
    time: int = 0
    samples: list[tuple[int, int, int, int]] = field(default_factory=list)  # time, length, at, size


def is_mp4(head: bytes) -> bool:
    return head[4:8] in _BOXES


def track_of(content: bytes) -> Mp4TextTrack | None:
    """Return the text track of a header; None if there is no header. Raises UnreadableText."""
    for kind, body in _boxes(content):
        if kind == b"moov":
            return _track(body)
    return None


def samples(content: bytes, track: Mp4TextTrack) -> Iterator[Sample]:
    """Yield the samples of the track's fragments. Raises UnreadableText."""
    at = 0
    while at + 8 <= len(content):
        kind, start, end = _box(content, at, len(content))
        if kind == b"moof":
            payload = _payload(content, end)
            for inner, body in _boxes(content[start:end]):
                if inner == b"traf":
                    yield from _fragment(content, body, track, at, payload)
        at = end


def cues(sample: Sample) -> Iterator[Cue]:
    """Yield the cues of a sample of WebVTT."""
    for kind, body in _boxes(sample.data):
        if kind == b"vttc":
            parts = {name: inner.decode("utf-8", "replace") for name, inner in _boxes(body)}
            text = tidy(parts.get(b"payl", "").replace("\r", "\n").split("\n"))
            settings = " ".join(parts.get(b"sttg", "").replace("-->", "").split())
            if text:
                yield Cue(sample.start, sample.end, text, settings)


def plain_cue(sample: Sample) -> Cue | None:
    """Return the cue of a 3GPP sample: a length of two bytes, then the text."""
    length = int.from_bytes(sample.data[:2], "big")
    text = tidy(escape(sample.data[2 : 2 + length].decode("utf-8", "replace")).splitlines())
    return Cue(sample.start, sample.end, text) if text else None


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(content):
        kind, start, end = _box(content, at, len(content))
        yield kind, content[start:end]
        at = end


def _box(content: bytes, at: int, limit: int) -> tuple[bytes, int, int]:
    """Return a box's name, and the offsets at which its body begins and ends."""
    size, start = int.from_bytes(content[at : at + 4], "big"), at + 8
    if size == 1:
        size, start = int.from_bytes(content[at + 8 : at + 16], "big"), at + 16
    end = limit if size == 0 else at + size
    if end < start or end > limit:
        raise UnreadableText("format")
    return content[at + 4 : at + 8], start, end


def _child(body: bytes, *path: bytes) -> bytes:
    for name in path:
        body = next((inner for kind, inner in _boxes(body) if kind == name), b"")
    return body


def _track(moov: bytes) -> Mp4TextTrack:
    """Return the text track of a fragmented file; in others the samples are elsewhere."""
    if not _child(moov, b"mvex"):
        raise UnreadableText("format")
    defaults = {
        int.from_bytes(body[4:8], "big"): struct.unpack_from(">II", body, 12)
        for kind, body in _boxes(_child(moov, b"mvex"))
        if kind == b"trex" and len(body) >= 20
    }
    is_protected = False
    for kind, trak in _boxes(moov):
        if kind != b"trak":
            continue
        entries = [name for name, _ in _boxes(_child(trak, b"mdia", b"minf", b"stbl", b"stsd")[8:])]
        is_protected |= bool(entries) and entries[0] in _ENCRYPTED
        if entries and entries[0] in _KNOWN:
            number = _number(trak)
            duration, size = defaults.get(number, (0, 0))
            return Mp4TextTrack(number, entries[0], _scale(trak), duration, size)
    raise UnreadableText("protected" if is_protected else "format")


def _number(trak: bytes) -> int:
    header = _child(trak, b"tkhd")
    at = 20 if header[:1] == b"\x01" else 12
    return int.from_bytes(header[at : at + 4], "big")


def _scale(trak: bytes) -> int:
    header = _child(trak, b"mdia", b"mdhd")
    at = 20 if header[:1] == b"\x01" else 12
    return int.from_bytes(header[at : at + 4], "big") or 1


def _payload(content: bytes, at: int) -> int:
    """Return the offset at which the data after a fragment's header begins."""
    while at + 8 <= len(content):
        kind, start, end = _box(content, at, len(content))
        if kind == b"mdat":
            return start
        at = end
    return len(content)


def _fragment(
    content: bytes, traf: bytes, track: Mp4TextTrack, moof: int, payload: int
) -> Iterator[Sample]:
    header = _child(traf, b"tfhd")
    if int.from_bytes(header[4:8], "big") != track.id:
        return
    run = _defaults(header, track, moof)
    when = _child(traf, b"tfdt")
    run.time = int.from_bytes(when[4 : 12 if when[:1] == b"\x01" else 8], "big")
    at = payload
    for kind, body in _boxes(traf):
        if kind == b"trun":
            at = _read_run(body, run, at, len(content))
    for start, length, place, size in run.samples:
        data = content[place : place + size]
        yield Sample(start / track.scale, (start + length) / track.scale, data)


def _defaults(header: bytes, track: Mp4TextTrack, moof: int) -> _Run:
    flags = int.from_bytes(header[1:4], "big")
    at, values = 8, {}
    for flag, width in ((0x1, 8), (0x2, 4), (0x8, 4), (0x10, 4)):
        if flags & flag:
            values[flag] = int.from_bytes(header[at : at + width], "big")
            at += width
    return _Run(values.get(0x8, track.default_duration), values.get(0x10, track.default_size), moof)


def _read_run(body: bytes, run: _Run, at: int, limit: int) -> int:
    """Add the samples of one ``trun`` and return the offset of the next."""
    flags, count = int.from_bytes(body[1:4], "big"), int.from_bytes(body[4:8], "big")
    place = 8
    if flags & 0x1:
        offset = run.base + int.from_bytes(body[place : place + 4], "big", signed=True)
        at = offset if 0 <= offset < limit else at
        place += 4
    place += 4 * bool(flags & 0x4)
    for _ in range(min(count, limit)):
        values = []
        for flag in (0x100, 0x200, 0x400, 0x800):
            if flags & flag:
                if place + 4 > len(body):
                    raise UnreadableText("format")
                values.append(int.from_bytes(body[place : place + 4], "big", signed=flag == 0x800))
                place += 4
            else:
                values.append(0)
        duration = values[0] if flags & 0x100 else run.duration
        size = values[1] if flags & 0x200 else run.size
        # one without a size takes all remaining bytes
        size = size or max(0, limit - at) * (count == 1)
        run.samples.append((run.time + values[3], duration, at, size))
        run.time += duration
        at += size
    return at
