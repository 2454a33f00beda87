"""AES-128 segments that end without PKCS #7 padding.

streamlink/streamlink#4528, ossrs/srs#4172 (pads only what fills no block), mangui/flashls#190,
google/ExoPlayer#3917. A last block that is no padding is media.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film
from tests.field.support.hls import KEY, encrypt, iv, key, listing
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.request import Handler

NULL_PACKET = b"\x47\x1f\xff\x10" + b"\xff" * 184


def _full(data: bytes) -> bytes:
    while len(data) % 16:
        data += NULL_PACKET
    return data


def site(clips: Clips) -> Handler:
    pieces = clips.ts()
    plain = [_full(part) for part in pieces.parts]
    bare = [encrypt(part, iv(3), padded=False) for part in plain]
    mixed = [encrypt(part, iv(3), padded=at % 2 == 0) for at, part in enumerate(plain)]
    return folder(
        {
            "/bare.m3u8": listing(pieces, "bare{}.ts", head=[key(iv(3))]),
            "/mixed.m3u8": listing(pieces, "mixed{}.ts", head=[key(iv(3))]),
            "/key": KEY,
            **each("/bare", bare, ".ts"),
            **each("/mixed", mixed, ".ts"),
        }
    )


KIND = Kind(
    "hls",
    site,
    {
        "none has any": Form("/bare.m3u8", Film(Clips.film)),
        "some have": Form("/mixed.m3u8", Film(Clips.film)),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
