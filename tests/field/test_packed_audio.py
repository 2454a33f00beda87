"""Sound without a container (RFC 8216, 3.4), behind links with and without an extension.

streamlink/streamlink#4721, video-dev/hls.js#160 #540 #1364, denivip/osmf-hls-plugin#111,
shaka-project/shaka-packager#629. The bytes tell the format; a tag tells the clock, by which what
comes behind a missing or cut piece keeps its place.
"""

from __future__ import annotations

import struct
from itertools import accumulate

from tests.field.conftest import Check
from tests.field.support.clips import Clips, Pieces
from tests.field.support.expected import Film
from tests.field.support.hls import listing
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.request import Handler

CODECS = {
    "adts": ("aac", ("-c:a", "aac", "-b:a", "96k")),
    "mp3": ("mp3", ("-c:a", "libmp3lame", "-b:a", "96k")),
    "ac3": ("ac3", ("-c:a", "ac3", "-b:a", "96k")),
    "eac3": ("eac3", ("-c:a", "eac3", "-b:a", "96k")),
}
MODES = ("named", "bare", "untagged", "some-tagged")


def tag(seconds: float) -> bytes:
    """An ID3 tag with the time on MPEG's clock."""
    frame = b"com.apple.streaming.transportStreamTimestamp\0" + struct.pack(
        ">Q", round(seconds * 90000)
    )
    frame = b"PRIV" + struct.pack(">I", len(frame)) + b"\0\0" + frame
    return b"ID3\x04\0\0" + bytes([0, 0, len(frame) >> 7, len(frame) & 127]) + frame


def site(clips: Clips) -> Handler:
    files: dict[str, bytes] = {}
    for ext, (name, codec) in CODECS.items():
        pieces = clips.packed(ext, *codec)
        for mode in MODES:
            ending = f".{name}" if mode == "named" else ""
            tagged = {"untagged": (), "some-tagged": range(1, 9)}.get(mode, range(9))
            parts = [
                (tag(10 + at) if at in tagged else b"") + part
                for at, part in enumerate(pieces.parts)
            ]
            files[f"/{name}/{mode}/list.m3u8"] = listing(pieces, f"s{{}}{ending}")
            files |= each(f"/{name}/{mode}/s", parts, ending)
    return folder(files | _lacking(clips.packed("adts", *CODECS["adts"][1])))


def _lacking(pieces: Pieces) -> dict[str, bytes]:
    """AAC on the clock of its tags, without a piece or the half of one."""
    starts = accumulate(pieces.seconds, initial=10.0)
    parts = [tag(start) + part for start, part in zip(starts, pieces.parts, strict=False)]
    rows = [(f"{at}.aac", length) for at, length in enumerate(pieces.seconds)]
    cut = [*parts[:1], parts[1][: len(parts[1]) // 2], *parts[2:]]
    bare = [*pieces.parts[:1], pieces.parts[1][: len(pieces.parts[1]) // 2], *pieces.parts[2:]]
    return {
        "/gap/list.m3u8": listing([*rows[:2], *rows[3:]]),
        "/cut/list.m3u8": listing(rows),
        "/cut-bare/list.m3u8": listing(rows),
        **each("/gap/", parts, ".aac"),
        **each("/cut/", cut, ".aac"),
        **each("/cut-bare/", bare, ".aac"),
    }


KIND = Kind(
    "hls",
    site,
    {
        f"{name}, {mode}": Form(
            f"/{name}/{mode}/list.m3u8",
            Film(picture=False, seconds=4.0, slack=0.12, codec=name,
                 ext={"aac": "m4a", "mp3": "mp3"}.get(name, "")),
        )
        for name, _ in CODECS.values()
        for mode in MODES
    }
    | {
        "aac, a piece missing": Form(
            "/gap/list.m3u8",
            Film(picture=False, seconds=4.0, note="sound has a gap of 1.0 s at 0:02"),
        ),
        "aac, a piece cut": Form(
            "/cut/list.m3u8", Film(picture=False, seconds=4.0, note="Fragment 2 is cut short")
        ),
        "aac, untagged and cut": Form(
            "/cut-bare/list.m3u8",
            Film(picture=False, seconds=3.5, note="Fragment 2 is cut short"),
        ),
    },
)  # fmt: skip


def test_fetch(check: Check, form: Form) -> None:
    check(form)
