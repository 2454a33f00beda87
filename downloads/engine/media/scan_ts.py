"""The clocks of MPEG-TS (ISO/IEC 13818-1): programs and the time stamps of PES packets. Pure."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from typing import Final

from downloads.engine.core.containers import SYNC, transport_start
from downloads.engine.media.scan import AUDIO, VIDEO, PieceSpan, TrackSpan

_CLOCK: Final = 90_000
_LONGEST_STEP: Final = 10.0  # seconds from one packet to the next
_SHORTEST_STEP: Final = 1.0  # back: some omit the decoding time
_WRAP: Final = 2**33
_ENOUGH: Final = 3 * 188  # bytes to tell the size of the packets by: a piece may be cut that short
_STARTS: Final = re.compile(rb"[\x40-\x7f\xc0-\xff]")  # payload_unit_start_indicator
_VIDEO: Final = frozenset({0x01, 0x02, 0x10, 0x1B, 0x20, 0x24, 0x33, 0x42, 0xD1, 0xDB, 0xEA})
_AUDIO: Final = frozenset(
    {0x03, 0x04, 0x0F, 0x11, 0x1C, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0xC1, 0xC2, 0xCF}
)
_PRIVATE: Final = 0x06
_SOUND_DESCRIPTORS: Final = frozenset({0x6A, 0x7A, 0x7B, 0x7C})  # AC-3, E-AC-3, DTS, AAC
_REGISTERED: Final = (b"AC-3", b"EAC3", b"Opus", b"DTS1", b"DTS2", b"DTS3")


def has_pes(data: bytes) -> bool:
    """Return if a PES packet begins in any packet of ``data``, which may be a few packets; True if
    it is no transport stream."""
    if (found := transport_start(data, 0)) is None:
        return True
    begin, size = found
    for at in range(begin + (4 if size == 192 else 0), len(data), size):
        packet = data[at : at + 188]
        payload = 5 + packet[4] if len(packet) > 4 and packet[3] & 0x20 else 4
        if packet[payload : payload + 3] == b"\0\0\1":
            return True
    return False


class TransportScanner:
    """A ``scan.Scanner`` of MPEG-TS. The program map is kept from piece to piece."""

    period: float | None = _WRAP / _CLOCK

    def __init__(self) -> None:
        self._maps: set[int] = set()
        self.streams: dict[int, tuple[int, str]] = {}  # by PID: stream type and kind
        self.packet_size = 0
        self.sync_place = 0  # of the sync byte in a packet
        self._rest = b""
        self._lost = False
        self._span = PieceSpan()

    @property
    def shape(self) -> Hashable:
        return ("ts", *sorted((pid, stream[0]) for pid, stream in self.streams.items()))

    @property
    def expected(self) -> frozenset[int]:
        return frozenset(self.streams)

    @property
    def unfinished(self) -> int:
        """Return the bytes of the last packet so far, if it is incomplete; padding does not
        count."""
        rest = b"" if self._lost or not self.packet_size else self._rest
        return len(rest) if rest[self.sync_place : self.sync_place + 1] == bytes((SYNC,)) else 0

    def begin(self) -> PieceSpan:
        self._rest, self.packet_size, self._lost = b"", 0, False
        self._span = PieceSpan()
        return self._span

    def take(self, block: bytes) -> None:
        if not self.packet_size:
            block, self._rest = self._rest + block, b""
            if not self._measure(block):
                self._rest = block
                return
        begin = 0
        if self._rest:  # the packet that two blocks share: neither is copied for its sake
            begin = self.packet_size - len(self._rest)
            packet = self._rest + block[:begin]
            if len(packet) < self.packet_size:
                self._rest = packet
                return
            self._packets(packet, 0, len(packet))
        end = len(block) - (len(block) - begin) % self.packet_size
        self._rest = block[end:]
        self._packets(block, begin, end)

    def _packets(self, data: bytes, begin: int, end: int) -> None:
        """Read whole packets; none once a packet was out of place: ffmpeg resynchronises, but the
        clock is unknown from there."""
        if self._lost:
            return
        flags = data[begin + self.sync_place + 1 : end : self.packet_size]
        for found in _STARTS.finditer(flags):
            place = begin + found.start() * self.packet_size + self.sync_place
            self._packet(data[place : place + 188])

    def _measure(self, data: bytes) -> bool:
        if len(data) < _ENOUGH:
            return False
        start = transport_start(data, 0)
        self._lost = start is None
        self.packet_size = start[1] if start else 188
        self.sync_place = 4 if self.packet_size == 192 else 0
        return True

    def _packet(self, packet: bytes) -> None:
        if packet[0] != SYNC:
            self._lost = True
        if self._lost:
            return
        pid = (packet[1] & 0x1F) << 8 | packet[2]
        at = 4
        if packet[3] & 0x20:
            at += 1 + packet[4]
        if not packet[3] & 0x10 or at >= len(packet):
            return
        payload = packet[at:]
        if pid == 0:
            self._associations(payload)
        elif pid in self._maps:
            self._map(payload)
        elif pid in self.streams:
            self._pes(pid, payload)

    def _associations(self, payload: bytes) -> None:
        section = _section(payload, 0x00)
        for at in range(5, len(section) - 3, 4):
            if section[at : at + 2] != b"\0\0":
                self._maps.add((section[at + 2] & 0x1F) << 8 | section[at + 3])

    def _map(self, payload: bytes) -> None:
        section = _section(payload, 0x02)
        if len(section) < 9:
            return
        found = {}
        for kind, pid, descriptors in _elementary(section):
            if kind in _VIDEO:
                found[pid] = (kind, VIDEO)
            elif kind in _AUDIO or (kind == _PRIVATE and _is_sound(descriptors)):
                found[pid] = (kind, AUDIO)
        self.streams = found if len(self._maps) == 1 else self.streams | found

    def _pes(self, pid: int, payload: bytes) -> None:
        if payload[:3] != b"\0\0\1" or len(payload) < 14 or not payload[7] & 0x80:
            return
        has_both = payload[7] & 0x40 and len(payload) >= 19
        now = _stamp(payload, 14 if has_both else 9)
        track = self._span.tracks.get(pid)
        if track is None:
            kind = self.streams[pid][1]
            self._span.tracks[pid] = TrackSpan(kind, now, now, now, 1)
            return
        step = now - track.last
        self._span.jumps |= not -_SHORTEST_STEP < step < _LONGEST_STEP
        track.count += 1
        track.last, track.next = now, now + max(0.0, min(step, _LONGEST_STEP))


def _section(payload: bytes, table: int) -> bytes:
    """Return a table's section after its length: from the program number on, without the
    checksum."""
    start = 1 + payload[0]
    if len(payload) < start + 3 or payload[start] != table:
        return b""
    length = (payload[start + 1] & 0x0F) << 8 | payload[start + 2]
    return payload[start + 3 : start + 3 + max(0, length - 4)]


def _elementary(section: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield stream type, PID and descriptors of each elementary stream."""
    at = 9 + ((section[7] & 0x0F) << 8 | section[8])
    while at + 5 <= len(section):
        length = (section[at + 3] & 0x0F) << 8 | section[at + 4]
        pid = (section[at + 1] & 0x1F) << 8 | section[at + 2]
        yield section[at], pid, section[at + 5 : at + 5 + length]
        at += 5 + length


def _is_sound(descriptors: bytes) -> bool:
    at = 0
    while at + 2 <= len(descriptors):
        tag, length = descriptors[at], descriptors[at + 1]
        if tag in _SOUND_DESCRIPTORS:
            return True
        if tag == 0x05 and descriptors[at + 2 : at + 6] in _REGISTERED:
            return True
        at += 2 + length
    return False


def _stamp(payload: bytes, at: int) -> float:
    first, second, third = payload[at], payload[at + 1 : at + 3], payload[at + 3 : at + 5]
    high = (first >> 1) & 7
    middle, low = int.from_bytes(second, "big") >> 1, int.from_bytes(third, "big") >> 1
    return (high << 30 | middle << 15 | low) / _CLOCK
