"""Files that want more of ffmpeg than to be read."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

_CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"dinf")


def playlists(secret: Path) -> dict[str, bytes]:
    """Lists that name another file, in every format that ffmpeg has a reader for."""
    name = str(secret)
    ways = [name, f"file:{name}", f"file://{name}", f"subfile,,start,0,end,0,,:{name}"]
    ways += [
        f"concat:{name}|{name}",
        f"crypto:{name}",
        f"cache:{name}",
        "data:text/plain;base64,AAAA",
    ]
    found = {}
    for place, way in enumerate(ways):
        found[f"m3u8-{place}"] = (
            f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{way}\n#EXT-X-ENDLIST\n"
        ).encode()
        found[f"ffconcat-{place}"] = f"ffconcat version 1.0\nfile '{way}'\n".encode()
    found["m3u8-map"] = (
        f'#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXT-X-MAP:URI="{name}"\n#EXTINF:9,\n{name}\n'
    ).encode()
    found["mpd"] = (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT3S"><Period><AdaptationSet mimeType="video/mp4">'
        f'<Representation id="1" bandwidth="1"><BaseURL>{name}</BaseURL><SegmentBase '
        'indexRange="0-100"/></Representation></AdaptationSet></Period></MPD>'
    ).encode()
    found["sdp"] = b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n"
    found["imf"] = (
        f'<?xml version="1.0"?><CompositionPlaylist><a>{name}</a></CompositionPlaylist>'.encode()
    )
    found["svg"] = (
        f'<svg xmlns="http://www.w3.org/2000/svg"><image href="file://{name}"/></svg>'.encode()
    )
    found["lavfi"] = f"movie={name}".encode()
    found["script"] = f"import('{name}')".encode()
    found["avisynth"] = f'DirectShowSource("{name}")'.encode()
    found["ffmetadata"] = b";FFMETADATA1\ntitle=x\n"
    found["tee"] = f"[f=mp4]{name}|[f=mp4]{name}".encode()
    return found


def disguised(content: bytes) -> dict[str, bytes]:
    """The same with the marks of a real container in front."""
    return {
        "plain": content,
        "mp4": struct.pack(">I4s4sI", 16, b"ftyp", b"isom", 0) + content,
        "ts": b"G" + b"\n" * 187 + b"G" + content,
        "mkv": b"\x1a\x45\xdf\xa3" + content,
        "mp3": b"ID3\x04\x00\x00\x00\x00\x00\x00" + content,
        "ogg": b"OggS" + content,
    }


def with_reference(film: bytes, other: str) -> bytes:
    """An MP4, its index behind, that says that its frames lie in the file ``other``."""
    alias = bytearray(150)
    alias[10] = 0  # no name of a volume
    alias[50] = len(other)
    alias[51 : 51 + len(other)] = other.encode()
    struct.pack_into(">hh", alias, 130, 1, 1)
    path = struct.pack(">hh", 2, len(other)) + other.encode() + struct.pack(">hh", -1, 0)
    entry = struct.pack(">I4sI", 12 + 150 + len(path), b"alis", 0) + bytes(alias) + path
    dref = struct.pack(">I4sII", 16 + len(entry), b"dref", 0, 1) + entry
    return _replaced(film, b"dref", lambda _old: dref)


def _replaced(boxes: bytes, kind: bytes, make: Callable[[bytes], bytes]) -> bytes:
    made = b""
    while len(boxes) >= 8:
        size, name = struct.unpack(">I4s", boxes[:8])
        box, boxes = boxes[:size], boxes[size:]
        if name == kind:
            box = make(box)
        elif name in _CONTAINERS:
            inner = _replaced(box[8:], kind, make)
            box = struct.pack(">I4s", 8 + len(inner), name) + inner
        made += box
    return made


def png_bomb(side: int = 30_000) -> bytes:
    """A picture of almost no bytes and a gigabyte of pixels."""
    return _png(side, side, (8, 2), 3, rows=2000)


def grey_png(width: int, height: int) -> bytes:
    """A whole one, a byte of memory for each pixel."""
    return _png(width, height, (8, 0), 1, rows=height)


def deep_png(width: int, height: int) -> bytes:
    """A whole one, eight bytes of memory for each pixel."""
    return _png(width, height, (16, 6), 8, rows=height)


def _png(width: int, height: int, kind: tuple[int, int], pixel: int, *, rows: int) -> bytes:
    """``kind``: bits and colour type; ``pixel``: its bytes. All of it is black."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", width, height, *kind, 0, 0, 0)
    packer = zlib.compressobj(1)
    row = bytes(pixel * width + 1)
    packed = b"".join(packer.compress(row) for _ in range(rows)) + packer.flush()
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )
