"""A piece of MPEG-TS or packed audio that is cut in the middle, given a clean end. Pure.

Otherwise the bytes after it would be taken for the rest of its last packet, of its last PES packet,
and of the last frame of sound in that. A picture that surely lacks its end is removed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from downloads.engine.media.scan import AUDIO
from downloads.engine.media.scan_packed import PackedScanner
from downloads.engine.media.scan_ts import TransportScanner

_KEPT: Final = 256 * 1024  # bytes that are held back, at least: they contain any unfinished sound
_ADTS: Final = 0x0F  # stream type
_PACKET: Final = 188
_DELIMITERS: Final = (b"\0\0\1\x09", b"\0\0\1\x46")  # between the pictures of H.264 and HEVC


def ended_well(
    blocks: Iterable[bytes], scanner: TransportScanner | PackedScanner
) -> Iterator[bytes]:
    """Yield the ``blocks`` of a piece without its cut end; ``scanner`` takes each when it is
    requested."""
    held: deque[bytes] = deque()
    size = 0
    for block in blocks:
        if not block:
            yield block
            continue
        held.append(block)
        size += len(block)
        while size - len(held[0]) >= _KEPT:
            size -= len(held[0])
            yield held.popleft()
    if not scanner.unfinished:
        yield from held
        return
    tail = b"".join(held)
    whole, rest = tail[: -scanner.unfinished], tail[-scanner.unfinished :]
    yield _trimmed(whole, rest, scanner) if isinstance(scanner, TransportScanner) else whole


def _trimmed(tail: bytes, rest: bytes, scanner: TransportScanner) -> bytes:
    """Return the end of a piece without what was cut. ``tail``: whole packets, except at its
    beginning; ``rest``: bytes of the packet that was cut."""
    size, begin, sync = scanner.packet_size, len(tail) % scanner.packet_size, scanner.sync_place
    packets = [tail[at : at + size] for at in range(begin, len(tail), size)]
    broken = _pid(rest, sync) if len(rest) > sync + 2 else None
    for pid, (stream_type, kind) in scanner.streams.items():
        places = _last_pes(packets, pid, sync)
        bodies = [_payload(packets[place], sync) for place in places]
        pes = b"".join(bodies)
        if kind == AUDIO:
            kept = _kept_of_sound(pes, stream_type)
        else:
            is_one = pid == broken and sum(map(pes.count, _DELIMITERS)) == 1
            kept = 0 if is_one else len(pes)
        for place, body in zip(places, bodies, strict=True):
            if kept < len(body):
                packets[place] = _shortened(packets[place], body[:kept], sync) if kept else b""
            kept = max(0, kept - len(body))
        packets = [packet for packet in packets if packet]
    return tail[:begin] + b"".join(packets)


def _last_pes(packets: list[bytes], pid: int, sync: int) -> list[int]:
    """Return the indexes of the packets of this PID since the last PES packet began; empty if its
    beginning is not among them."""
    places: list[int] = []
    for place in range(len(packets) - 1, -1, -1):
        if _pid(packets[place], sync) == pid:
            places.append(place)
            if packets[place][sync + 1] & 0x40:
                return places[::-1]
    return []


def _kept_of_sound(pes: bytes, stream_type: int) -> int:
    """Return the number of bytes of a PES packet to keep: all of a complete one, else its whole
    frames."""
    length = int.from_bytes(pes[4:6], "big")
    if not length or len(pes) >= length + 6 or len(pes) < 9:
        return len(pes)
    return _whole_frames(pes, 9 + pes[8]) if stream_type == _ADTS else 0


def _whole_frames(pes: bytes, begin: int) -> int:
    """Return the offset after the last whole frame of ADTS; 0 for none."""
    at = begin
    while pes[at : at + 1] == b"\xff" and at + 7 <= len(pes):
        length = (pes[at + 3] & 3) << 11 | pes[at + 4] << 3 | pes[at + 5] >> 5
        if length < 7 or at + length > len(pes):
            break
        at += length
    return at if at > begin else 0


def _pid(packet: bytes, sync: int) -> int:
    return (packet[sync + 1] & 0x1F) << 8 | packet[sync + 2]


def _payload(packet: bytes, sync: int) -> bytes:
    flags = packet[sync + 3]
    at = 5 + packet[sync + 4] if flags & 0x20 else 4
    return packet[sync + at : sync + _PACKET] if flags & 0x10 else b""


def _shortened(packet: bytes, body: bytes, sync: int) -> bytes:
    """Return the packet with a shorter body: stuffing in an adaptation field takes the rest."""
    room = _PACKET - 4 - len(body)
    stuffing = bytes([room - 1]) + (b"\0" + b"\xff" * (room - 2) if room > 1 else b"")
    head = packet[: sync + 3] + bytes([packet[sync + 3] & 0xCF | 0x30])
    return head + stuffing + body + packet[sync + _PACKET :]
