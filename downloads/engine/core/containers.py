"""Containers recognised by their first bytes. Pure.

Sources: ISO/IEC 13818-1 (transport stream), ISO/IEC 14496-12 (boxes), RFC 9559 (Matroska), ISO/IEC
14496-3 and 11172-3 (ADTS, MPEG audio), ETSI TS 102 366 (AC-3), RFC 8216 section 3.
"""

from __future__ import annotations

import re
from typing import Final

SYNC: Final = 0x47
PACKET_SIZES: Final = (188, 192, 204)  # plain, with a time in front (m2ts), with parity behind
LEAD: Final = 64 * 1024  # bytes that may stand in front of a transport stream's first packet
_ROW: Final = 5  # packets in a row that make a transport stream
_FEWEST: Final = 3  # of them, if the data ends

_BOXES: Final = frozenset(
    {
        b"ftyp", b"styp", b"moov", b"moof", b"sidx", b"ssix", b"mdat", b"free", b"skip", b"wide",
        b"emsg", b"prft", b"pdin", b"uuid", b"mfra", b"meta", b"pnot", b"imda",
    }
)  # fmt: skip
# EBML, and the elements that a piece may begin with: Segment, Cluster, Cues, Tracks, Info.
_MATROSKA: Final = (
    b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75", b"\x1c\x53\xbb\x6b",
    b"\x16\x54\xae\x6b", b"\x15\x49\xa9\x66",
)  # fmt: skip
_MAGIC: Final = (
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"FLV\x01", "flv"),
    (b"\x0b\x77", "ac3"),
    (b"\x00\x00\x01\xba", "mpg"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
)
_IMAGES: Final = (
    b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"II*\x00", b"MM\x00*",
    b"\x00\x00\x01\x00",
)  # fmt: skip
_PRIV = b"com.apple.streaming.transportStreamTimestamp\x00"
_CLOCK: Final = 2**33


def container_of(head: bytes) -> str:
    """Return the container that ``head`` begins with, named by its usual extension; empty if none.

    A piece of one counts as well: a movie fragment, a cluster, a frame of packed audio.
    """
    if head[4:8] in _BOXES:
        return "mp4"
    if head.startswith(_MATROSKA):
        return "mkv" if b"matroska" in head[:64] else "webm"
    if head.startswith(b"RIFF"):
        return {b"WAVE": "wav", b"AVI ": "avi"}.get(head[8:12], "")
    if transport_start(head, 0) is not None:
        return "ts"
    for magic, container in _MAGIC:
        if head.startswith(magic):
            return container
    return _packed(head[tag_length(head) :])


def has_header(head: bytes) -> bool:
    """Return if what begins with ``head`` can be read without what came before it: a file, not a
    piece of one (ISO/IEC 14496-12: ``moov`` before the first ``moof``; RFC 9559: EBML)."""
    if head.startswith(_MATROSKA[0]):
        return True
    at = 0
    while (kind := head[at + 4 : at + 8]) in _BOXES and kind not in (b"moof", b"mdat"):
        if kind == b"moov":
            return True
        size = int.from_bytes(head[at : at + 4], "big")
        if size < 8:  # 64 bits, or to the end: no box before a header is so large
            return False
        at += size
    return False


def transport_start(data: bytes, lead: int = LEAD) -> tuple[int, int] | None:
    """Return the offset of the first packet of a transport stream, at most ``lead`` bytes into
    ``data``, and the size of its packets; None if there is none."""
    # One sync byte proves nothing (the fourth byte of a PNG is one): several must stand in a row.
    place = data.find(SYNC, 0, lead + 5)
    while place >= 0:
        for size in PACKET_SIZES:
            begin = place - 4 if size == 192 else place
            if 0 <= begin <= lead and _is_row(data, place, size, has_lead=begin > 0):
                return begin, size
        place = data.find(SYNC, place + 1, lead + 5)
    return None


def _is_row(data: bytes, place: int, size: int, *, has_lead: bool) -> bool:
    """Return if each packet is followed by another, or by the end of the data."""
    end = place + _ROW * size
    syncs = data[place:end:size]
    if syncs != bytes((SYNC,)) * len(syncs):
        return False
    # Filler of an image in front may be rows of this byte. A packet with neither adaptation field
    # nor payload is reserved (ISO/IEC 13818-1, 2.4.3.3).
    if has_lead and not all(each & 0x30 for each in data[place + 3 : end : size]):
        return False
    is_short = place == 0 and not (is_text(data) or is_image(data))
    return len(syncs) >= _FEWEST or is_short


def tag_length(head: bytes) -> int:
    """Return the length of the ID3v2 tags that packed audio begins with (RFC 8216, 3.4); 0 if
    none."""
    at = 0
    while head[at : at + 3] == b"ID3" and len(head) >= at + 10:
        footer = 10 if head[at + 5] & 0x10 else 0
        size = 0
        for septet in head[at + 6 : at + 10]:
            size = size << 7 | septet & 0x7F
        at += 10 + size + footer
    return at


def tag_clock(head: bytes) -> float | None:
    """Return the start time of packed audio, in seconds on the 33-bit clock of MPEG-TS, from the
    tag in front of it (RFC 8216, 3.4); None if it has none."""
    at = head.find(_PRIV, 0, min(tag_length(head), len(head)))
    value = head[at + len(_PRIV) : at + len(_PRIV) + 8]
    if at < 0 or len(value) < 8:
        return None
    return (int.from_bytes(value, "big") % _CLOCK) / 90_000


def _packed(head: bytes) -> str:
    """Return the audio format by the sync word: 11 bits set, then version and layer (0 is ADTS)."""
    if head.startswith(b"\x0b\x77"):
        return "ac3"
    if len(head) < 2 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return ""
    if head[1] & 0xF6 == 0xF0:
        return "aac"
    return "mp3" if head[1] & 0x06 and head[1] & 0x18 != 0x08 else ""


def is_image(head: bytes) -> bool:
    is_webp = head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    return head.startswith(_IMAGES) or is_webp


def is_text(head: bytes) -> bool:
    """Return if there is no byte of a binary format (WHATWG MIME sniffing, 3: binary data byte)."""
    return not re.search(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]", head[:512])


def describe(head: bytes) -> str:
    """Return a phrase for data that came in place of media."""
    start = head[:512].lstrip(b"\xef\xbb\xbf \t\r\n\x0c").lower()
    if not head:
        return "nothing"
    if start.startswith((b"#extm3u", b"ffconcat", b"[playlist]")) or b"<mpd" in start:
        return "a playlist"
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "a web page"
    if start.startswith((b"<?xml", b"<")):
        return "XML"
    if start.startswith((b"{", b"[")):
        return "JSON"
    if is_image(head):
        return "an image"
    return "text" if is_text(head) else "bytes of an unknown kind"
