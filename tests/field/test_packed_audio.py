"""Sound without a container (RFC 8216, 3.4), behind links with and without an extension.

streamlink/streamlink#4721, video-dev/hls.js#160 #540 #1364, denivip/osmf-hls-plugin#111,
shaka-project/shaka-packager#629. The bytes tell the format; a tag tells the clock.
"""

from __future__ import annotations

import struct

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film
from tests.field.support.hls import listing
from tests.field.support.kind import Form, Kind
from tests.field.support.origin import Handler, each, folder

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
    return folder(files)


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
    },
)  # fmt: skip


def test_fetch(check: Check, form: Form) -> None:
    check(form)
