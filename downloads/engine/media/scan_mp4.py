"""The clocks of fragmented MP4 (ISO/IEC 14496-12): headers and movie fragments. Pure."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from downloads.engine.media import scan_samples
from downloads.engine.media.scan import AUDIO, VIDEO, PieceSpan, TrackSpan

_KEPT: Final = (b"moov", b"moof")
_MOST: Final = 64 * 1024 * 1024  # bytes of one such box
_OPEN: Final = 2**63  # bytes: to the end
_FIRST: Final = 3  # samples of a fragment that are inspected
_KINDS: Final = {b"vide": VIDEO, b"soun": AUDIO}


@dataclass(frozen=True, slots=True)
class _Track:
    kind: str
    timescale: int
    looks: bytes  # a digest of its decoder setup
    duration: int = 0  # of a sample, by default
    size: int = 0  # likewise, in bytes
    lengths: int = 0  # see scan_samples.length_size


class _FirstSamples(NamedTuple):
    """The first samples of a track in a fragment; ``at``: their offset from its begin."""

    track: _Track
    at: int
    sizes: tuple[int, ...]


class FragmentedScanner:
    """A ``scan.Scanner`` of fragmented MP4. The header is kept from piece to piece, until another
    comes.

    ``contradiction``: the reason if no player can read a fragment; else empty.
    """

    period: float | None = None

    def __init__(self) -> None:
        self._tracks: dict[int, _Track] = {}
        self._rest = b""
        self._skip = 0
        self._span = PieceSpan()
        self._files = 0  # pieces that are whole files, which nothing can be appended to
        self._is_broken = False
        self._numbers: set[int] | None = None  # of all tracks of the header; None without one
        self._firsts: list[_FirstSamples] = []  # of the last fragment read
        self._is_begun = False  # a fragment of this piece was compared with the header
        self.contradiction = ""

    @property
    def shape(self) -> Hashable:
        tracks = sorted((number, track.kind, track.looks) for number, track in self._tracks.items())
        return ("mp4", self._files, *tracks)

    @property
    def expected(self) -> frozenset[int]:
        return frozenset(self._tracks)

    @property
    def ends_within(self) -> bool:
        """Return if the bytes taken so far end in the middle of a box of declared size."""
        return not self._is_broken and (0 < self._skip < _OPEN // 2 or len(self._rest) >= 8)

    def begin(self) -> PieceSpan:
        self._rest, self._skip, self._is_broken = b"", 0, False
        self._span, self._is_begun = PieceSpan(is_counted=True), False
        return self._span

    def take(self, block: bytes) -> None:
        data = self._rest + block if self._rest else block
        at = 0
        while not self._is_broken:
            if self._skip:
                step = min(self._skip, len(data) - at)
                self._skip -= step
                at += step
            box = _box(data, at)
            if self._skip or box is None:
                break
            kind, head, size = box
            if kind not in _KEPT:
                self._skip = size
                continue
            if size > _MOST or size < head:
                self._is_broken, self._span.is_counted = True, False
                break
            if len(data) - at < size:
                break
            self._read(kind, data[at + head : at + size])
            at += size
            if self._firsts:
                self._compare(data, at, size)
        self._rest = b"" if self._is_broken else data[at:]

    def _read(self, kind: bytes, body: bytes) -> None:
        try:
            if kind == b"moov":
                self._header(body)
            else:
                self._fragment(body)
        except (struct.error, IndexError, ZeroDivisionError):
            self._is_broken = True  # ffmpeg reports the fault
            self._span.is_counted = False

    def _header(self, body: bytes) -> None:
        defaults = {}
        for each in boxes_of(body, b"mvex"):
            for trex in boxes_of(each, b"trex"):
                number, _, duration, size = struct.unpack_from(">IIII", trex, 4)
                defaults[number] = duration, size
        self._tracks = {}
        self._numbers = set()
        has_samples = False
        for trak in boxes_of(body, b"trak"):
            number = _number(trak)
            self._numbers.add(number)
            media = b"".join(boxes_of(trak, b"mdia"))
            kind = _KINDS.get(b"".join(boxes_of(media, b"hdlr"))[8:12])
            table = b"".join(boxes_of(b"".join(boxes_of(media, b"minf")), b"stbl"))
            if kind is None:
                continue
            described = b"".join(boxes_of(table, b"stsd"))
            looks = hashlib.sha256(b"".join([described, *boxes_of(trak, b"edts")]))
            scale = _timescale(b"".join(boxes_of(media, b"mdhd")))
            lengths = scan_samples.length_size(described)
            usual = defaults.get(number, (0, 0))
            self._tracks[number] = _Track(kind, scale, looks.digest(), *usual, lengths)
            has_samples |= b"".join(boxes_of(table, b"stsz"))[8:12] not in (b"", bytes(4))
        self._files += has_samples
        self._span.is_counted &= not has_samples

    def _fragment(self, body: bytes) -> None:
        numbers = set()
        for traf in boxes_of(body, b"traf"):
            head = b"".join(boxes_of(traf, b"tfhd"))
            number = int.from_bytes(head[4:8], "big")
            numbers.add(number)
            track = self._tracks.get(number)
            if track is not None:
                self._samples(number, track, traf, head)
        if self._numbers is None:
            self.contradiction = "the header (init segment) is missing"
        elif numbers and not numbers & self._numbers:
            self.contradiction = "the header (init segment) is that of another track"

    def _samples(self, number: int, track: _Track, traf: bytes, head: bytes) -> None:
        tfdt = b"".join(boxes_of(traf, b"tfdt"))
        known = self._span.tracks.get(number)
        if tfdt:
            begin = int.from_bytes(tfdt[4:12] if tfdt[0] else tfdt[4:8], "big") / track.timescale
        elif known is not None:
            begin = known.next
        else:
            self._span.is_counted = False
            return
        default = _default_duration(head, track.duration)
        count, length = 0, 0
        for run in boxes_of(traf, b"trun"):
            more, ticks, empty = _run(run, default)
            self._span.is_counted &= not empty
            if more and not count and not self._is_begun and not head[3] & 0x01:
                self._firsts.append(_first_samples(track, head, run))
            count, length = count + more, length + ticks
        if not count:
            return
        if known is None:
            known = self._span.tracks[number] = TrackSpan(track.kind, begin, begin, begin)
        known.count += count
        known.next = begin + length / track.timescale
        known.last = known.next - length / count / track.timescale

    def _compare(self, data: bytes, end: int, size: int) -> None:
        """Compare the fragment, ``size`` bytes up to ``end``, with the header, by the available
        samples."""
        firsts, self._firsts, self._is_begun = self._firsts, [], True
        for each in firsts:
            at, found = end - size + each.at, []
            for length in each.sizes:
                if not end < at < at + length <= len(data):
                    break
                found.append(data[at : at + length])
                at += length
            if scan_samples.is_of_another_track(each.track.kind, each.track.lengths, found):
                self.contradiction = "the header (init segment) is that of another track"


def _box(data: bytes, at: int) -> tuple[bytes, int, int] | None:
    """Return kind, length of the head and length of all; None if more bytes are needed."""
    if len(data) - at < 8:
        return None
    size = int.from_bytes(data[at : at + 4], "big")
    kind = data[at + 4 : at + 8]
    if size == 1:
        if len(data) - at < 16:
            return None
        return kind, 16, max(16, int.from_bytes(data[at + 8 : at + 16], "big"))
    return kind, 8, max(8, size) if size else _OPEN


def boxes_of(body: bytes, wanted: bytes) -> Iterator[bytes]:
    """Yield the bodies of the boxes of that kind in ``body``."""
    at = 0
    while box := _box(body, at):
        kind, head, size = box
        if kind == wanted:
            yield body[at + head : at + size]
        at += size


def _number(trak: bytes) -> int:
    head = b"".join(boxes_of(trak, b"tkhd"))
    at = 20 if head[0] else 12
    return int.from_bytes(head[at : at + 4], "big")


def _timescale(head: bytes) -> int:
    at = 20 if head[0] else 12
    return int.from_bytes(head[at : at + 4], "big")


def _default_duration(head: bytes, otherwise: int) -> int:
    flags = int.from_bytes(head[1:4], "big")
    if not flags & 0x08:
        return otherwise
    at = 8 + 8 * bool(flags & 0x01) + 4 * bool(flags & 0x02)
    return int.from_bytes(head[at : at + 4], "big")


def _run(run: bytes, default: int) -> tuple[int, int, bool]:
    """Return the number of samples, their length in ticks, and if one of them is empty."""
    flags, count = int.from_bytes(run[1:4], "big"), int.from_bytes(run[4:8], "big")
    if not flags & 0x300:
        return count, default * count, False
    at = 8 + 4 * bool(flags & 0x01) + 4 * bool(flags & 0x04)
    fields = sum(bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800))
    table = struct.unpack_from(f">{count * fields}I", run, at)
    is_timed = bool(flags & 0x100)
    has_empty = bool(flags & 0x200) and 0 in table[is_timed::fields]
    return count, sum(table[::fields]) if is_timed else default * count, has_empty


def _first_samples(track: _Track, head: bytes, run: bytes) -> _FirstSamples:
    """Return the offset of a run's first samples, from the fragment's own begin, and their sizes;
    none if these are not given."""
    flags, count = int.from_bytes(run[1:4], "big"), min(int.from_bytes(run[4:8], "big"), _FIRST)
    if not flags & 0x01:
        return _FirstSamples(track, 0, ())
    at = 12 + 4 * bool(flags & 0x04)
    if not flags & 0x200:
        return _FirstSamples(track, _offset(run), (_default_size(head, track.size),) * count)
    fields = sum(bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800))
    table = struct.unpack_from(f">{count * fields}I", run, at)
    return _FirstSamples(track, _offset(run), table[bool(flags & 0x100) :: fields])


def _offset(run: bytes) -> int:
    return int.from_bytes(run[8:12], "big", signed=True)


def _default_size(head: bytes, otherwise: int) -> int:
    flags = int.from_bytes(head[1:4], "big")
    if not flags & 0x10:
        return otherwise
    at = 8 + sum(size for bit, size in ((0x01, 8), (0x02, 4), (0x08, 4)) if flags & bit)
    return int.from_bytes(head[at : at + 4], "big")
