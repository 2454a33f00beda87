"""The clocks of Matroska and WebM (RFC 9559): tracks, clusters and the heads of blocks. Pure.

Container elements are entered without regard to their end, which live muxers do not know; all
others are skipped by their size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from typing import Final

from downloads.engine.media.scan import AUDIO, VIDEO, PieceSpan, TrackSpan

_SEGMENT, _INFO, _CLUSTER, _GROUP = 0x18538067, 0x1549A966, 0x1F43B675, 0xA0
_TRACKS, _ENTRY, _NUMBER, _TYPE = 0x1654AE6B, 0xAE, 0xD7, 0x83
_SCALE, _TIME, _SIMPLE, _BLOCK = 0x2AD7B1, 0xE7, 0xA3, 0xA1
ENTERED: Final = frozenset({_SEGMENT, _INFO, _CLUSTER, _GROUP})
_READ: Final = frozenset({_TRACKS, _SCALE, _TIME})
_BLOCKS: Final = frozenset({_SIMPLE, _BLOCK})
_LOOKS: Final = frozenset({_NUMBER, _TYPE, 0x86, 0x63A2, 0xE0, 0xE1})  # codec, private, sizes
_KINDS: Final = {1: VIDEO, 2: AUDIO}
_MOST: Final = 4 * 1024 * 1024  # bytes of the tracks
_HEAD: Final = 12  # bytes: an element's id and size
_BLOCK_HEAD: Final = 12


class ClusterScanner:
    """A ``scan.Scanner`` of Matroska and WebM. The tracks are kept from piece to piece, until
    others come."""

    period: float | None = None

    def __init__(self) -> None:
        self._kinds: dict[int, str] = {}
        self._looks = b""
        self._scale = 1e-3
        self._cluster = 0
        self._rest = b""
        self._skip = 0
        self._is_broken = False
        self._span = PieceSpan()

    @property
    def shape(self) -> Hashable:
        return ("webm", self._looks)

    @property
    def expected(self) -> frozenset[int]:
        return frozenset(self._kinds)

    def begin(self) -> PieceSpan:
        self._rest, self._skip, self._is_broken = b"", 0, False
        self._span = PieceSpan()
        return self._span

    def take(self, block: bytes) -> None:
        data = self._rest + block if self._rest else block
        at = 0
        while not self._is_broken:
            if self._skip:
                step = min(self._skip, len(data) - at)
                self._skip -= step
                at += step
            if self._skip or len(data) - at < _HEAD + _BLOCK_HEAD:
                break
            used = self._element(data, at)
            if used is None:
                break
            at += used
        self._rest = b"" if self._is_broken else data[at:]

    def _element(self, data: bytes, at: int) -> int | None:
        """Return the number of bytes consumed; None if more are needed."""
        number, after = read_vint(data, at, keep_marker=True)
        size, body = read_vint(data, after)
        if not number:
            self._is_broken = True
            return None
        if number in ENTERED:
            return body - at
        if self.reads(number):
            if size > _MOST:
                self._is_broken = True
                return None
            if len(data) < body + size:
                return None
        block = self.element(number, data[body : body + min(size, _MOST)])
        if block is not None:
            self._block(*block)
        self._skip = size
        return body - at

    def reads(self, number: int) -> bool:
        """Return if an element's value is read."""
        return number in _READ

    def element(self, number: int, value: bytes) -> tuple[int, str, int, float] | None:
        """Take note of an element; for a block of a known track, return the track's number and
        kind, and the time with its tick in seconds."""
        if number in _READ:
            self._value(number, value)
        if number not in _BLOCKS:
            return None
        track, at = read_vint(value, 0)
        kind = self._kinds.get(track)
        if kind is None:
            return None
        ticks = self._cluster + int.from_bytes(value[at : at + 2], "big", signed=True)
        return track, kind, ticks, self._scale

    def _value(self, number: int, value: bytes) -> None:
        if number == _SCALE:
            self._scale = (int.from_bytes(value, "big") or 1_000_000) / 1e9
        elif number == _TIME:
            self._cluster = int.from_bytes(value, "big")
        else:
            self._read_tracks(value)

    def _read_tracks(self, value: bytes) -> None:
        self._kinds, digest, at = {}, hashlib.sha256(), 0
        while at < len(value):
            number, after = read_vint(value, at, keep_marker=True)
            size, body = read_vint(value, after)
            if number == _ENTRY:
                self._entry(value[body : body + size], digest)
            at = body + size
        self._looks = digest.digest()

    def _entry(self, entry: bytes, digest: hashlib._Hash) -> None:
        found, at = {}, 0
        while at < len(entry):
            number, after = read_vint(entry, at, keep_marker=True)
            size, body = read_vint(entry, after)
            if number in _LOOKS:
                found[number] = entry[body : body + size]
                digest.update(repr((number, found[number])).encode())
            at = body + size
        kind = _KINDS.get(int.from_bytes(found.get(_TYPE, b""), "big"))
        if kind is not None:
            self._kinds[int.from_bytes(found.get(_NUMBER, b""), "big")] = kind

    def _block(self, number: int, kind: str, ticks: int, tick: float) -> None:
        now = ticks * tick
        track = self._span.tracks.get(number)
        if track is None:
            track = self._span.tracks[number] = TrackSpan(kind, now, now, now)
        track.next = now + max(0.0, now - track.last)
        track.last = now
        track.count += 1


def read_vint(data: bytes, at: int, *, keep_marker: bool = False) -> tuple[int, int]:
    """Return a variable-length number (RFC 8794, section 4), and its end; 0 for none."""
    first = data[at] if at < len(data) else 0
    length = 9 - first.bit_length()
    if length > 8:
        return 0, at + 1
    value = int.from_bytes(data[at : at + length], "big")
    if not keep_marker:
        value &= (1 << 7 * length) - 1
    return value, at + length
