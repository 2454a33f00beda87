"""MPEG-TS whose sound begins late: named from the start, or not before it begins.

video-dev/hls.js#262 #624 #3098 #3326: the first segment alone, or many of them, hold no sound.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips, Pieces
from tests.field.support.expected import Film
from tests.field.support.hls import listing
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.request import Handler

LENGTH = 16.0


def site(clips: Clips) -> Handler:
    mute = clips.ts(clips.film(LENGTH, sound=False))
    full = clips.ts(clips.film(LENGTH))
    films: dict[str, Pieces] = {}
    for late in (3, 8, 12):
        told = ("-max_interleave_delta", "0")
        films[f"named-{late}"] = clips.ts(clips.film(LENGTH, late=late, more=told))
    for late in (1, 6, 12):
        films[f"unnamed-{late}"] = Pieces(mute.parts[:late] + full.parts[late:], full.seconds)
    films["stops-4"] = Pieces(full.parts[:4] + mute.parts[4:], full.seconds)
    files: dict[str, bytes] = {}
    for name, pieces in films.items():
        files[f"/{name}/list.m3u8"] = listing(pieces, "{}.ts")
        files |= each(f"/{name}/", pieces.parts, ".ts")
    return folder(files)


KIND = Kind(
    "hls",
    site,
    {
        f"{how} after {late} s": Form(
            f"/{how}-{late}/list.m3u8", Film(frames=400, lag=float(late), near=0.06)
        )
        for how, late in (("unnamed", 1), ("named", 3), ("named", 8), ("unnamed", 6),
                          ("named", 12), ("unnamed", 12))
    }
    | {"ends early": Form("/stops-4/list.m3u8", Film(frames=400))},
)  # fmt: skip


def test_fetch(check: Check, form: Form) -> None:
    check(form)
