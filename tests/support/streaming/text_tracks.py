"""Fragmented MP4 of text (ISO/IEC 14496-30), box by box: ffmpeg writes no WebVTT into MP4."""

from __future__ import annotations

import struct
from collections.abc import Sequence

Sample = tuple[int, bytes]  # how long, in ticks; its data


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def full(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def header(codec: bytes, scale: int = 1000, *, version: int = 0) -> bytes:
    """ftyp and moov of a file with one track, whose number is 7."""
    times = struct.pack(">QQ" if version else ">II", 0, 0)
    width = ">Q" if version else ">I"
    entry = box(codec, bytes(6), struct.pack(">H", 1), box(b"vttC", b"WEBVTT"))
    tables = [
        full(b"stsd", 0, 0, struct.pack(">I", 1), entry),
        *(full(kind, 0, 0, bytes(8)) for kind in (b"stts", b"stsc", b"stco")),
        full(b"stsz", 0, 0, bytes(8)),
    ]
    media = box(
        b"mdia",
        full(b"mdhd", version, 0, times, struct.pack(">I", scale), struct.pack(width, 0), bytes(4)),
        full(b"hdlr", 0, 0, bytes(4), b"text", bytes(13)),
        box(b"minf", full(b"nmhd", 0, 0), box(b"stbl", *tables)),
    )
    track = box(b"trak", full(b"tkhd", version, 7, times, struct.pack(">I", 7), bytes(60)), media)
    extends = box(b"mvex", full(b"trex", 0, 0, struct.pack(">IIIII", 7, 1, 500, 0, 0)))
    whole = full(b"mvhd", 0, 0, bytes(96))
    return box(b"ftyp", b"iso6", bytes(4)) + box(b"moov", whole, track, extends)


def segment(begins: int, samples: Sequence[Sample], *, told: bool = True) -> bytes:
    """styp, moof and mdat. ``told``: durations stand at each sample, else those of the header."""
    data = b"".join(content for _, content in samples)
    rows = b"".join(
        struct.pack(">II", length, len(content)) if told else struct.pack(">I", len(content))
        for length, content in samples
    )
    flags = 0x1 | 0x200 | (0x100 if told else 0)

    def moof(offset: int) -> bytes:
        run = full(b"trun", 0, flags, struct.pack(">Ii", len(samples), offset), rows)
        fragment = box(
            b"traf",
            full(b"tfhd", 0, 0x20000, struct.pack(">I", 7)),
            full(b"tfdt", 1, 0, struct.pack(">Q", begins)),
            run,
        )
        return box(b"moof", full(b"mfhd", 0, 0, struct.pack(">I", 1)), fragment)

    return box(b"styp", b"msdh", bytes(4)) + moof(len(moof(0)) + 8) + box(b"mdat", data)


def vttc(text: str, settings: str = "") -> bytes:
    told = box(b"sttg", settings.encode()) if settings else b""
    return box(b"vttc", box(b"iden", b"1"), told, box(b"payl", text.encode()))


EMPTY = box(b"vtte")


def ttml(*cues: tuple[str, str, str]) -> bytes:
    lines = "".join(f'<p begin="{a}" end="{b}">{text}</p>' for a, b, text in cues)
    return f'<tt xmlns="http://www.w3.org/ns/ttml"><body><div>{lines}</div></body></tt>'.encode()
