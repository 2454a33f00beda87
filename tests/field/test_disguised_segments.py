"""MPEG-TS behind a complete tiny picture, called an image in name and type.

Gujal00/ResolveURL#1474, video-dev/hls.js#5857 (the fourth byte of a PNG is 0x47 too),
selsta/hlsdl#109, xbmc/inputstream.ffmpegdirect#100, mhdzumair/mediaflow-proxy#170. Players look
for the first packet that more packets follow.
"""

from __future__ import annotations

import struct
import zlib

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film
from tests.field.support.hls import KEY, encrypt, iv, key, listing
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.request import Handler


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\0\xff\xff\xff"))
    + _chunk(b"IEND", b"")
)
LEADS = {
    "png": PNG,
    "jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9",
    "bmp": b"BM" + bytes(52),
    "gif": b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00"
    b"\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;",
    "webp": b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88",
    "large.png": PNG[:-12] + _chunk(b"tEXt", b"Comment\0" + b"G" * 3000) + PNG[-12:],
    "zeros": bytes(188),
    "half.ts": b"G" + bytes(99),
}
ENDINGS = {"zeros": "html", "half.ts": "ts", "large.png": "png"}


def site(clips: Clips) -> Handler:
    pieces = clips.ts()
    files: dict[str, bytes] = {"/key": KEY}
    for name, lead in LEADS.items():
        ending = ENDINGS.get(name, name)
        files[f"/{name}/list.m3u8"] = listing(pieces, f"{{}}.{ending}", version=3)
        files |= each(f"/{name}/", (lead + part for part in pieces.parts), f".{ending}")
    files["/aes/list.m3u8"] = listing(pieces, "{}.png", head=[key(iv(7), "/key")])
    files |= each("/aes/", (encrypt(PNG + part, iv(7)) for part in pieces.parts), ".png")
    files["/outside/list.m3u8"] = listing(pieces, "{}.jpg")
    files |= each("/outside/", pieces.parts, ".jpg")
    return folder(files)


KIND = Kind(
    "hls",
    site,
    {
        f"behind a {name}": Form(f"/{name}/list.m3u8", Film(Clips.film))
        for name in (*LEADS, "aes")
    }
    | {"by name and type alone": Form("/outside/list.m3u8", Film(Clips.film))},
)  # fmt: skip


def test_fetch(check: Check, form: Form) -> None:
    check(form)
