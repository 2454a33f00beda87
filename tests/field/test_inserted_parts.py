"""An advertisement of another shape among a film's segments.

google/ExoPlayer#7237 (marked only before it), video-dev/hls.js#3110 (not marked),
streamlink/streamlink#4535, videojs/videojs-contrib-hls#269, shaka-project/shaka-player#1335. Both
tracks go to the end; a part without sound has silence.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film
from tests.field.support.hls import listing
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.request import Handler

JUMP = ["#EXT-X-DISCONTINUITY"]
# (kind of the advertisement, its place, marked before it, marked behind it)
ORDERS = {
    "marked on both sides": ("a", 2, True, True),
    "marked before it": ("a", 2, True, False),
    "not marked": ("a", 2, False, False),
    "first": ("a", 0, False, True),
    "last": ("a", 4, True, False),
    "mute": ("m", 2, True, True),
    "mute and first": ("m", 0, False, True),
    "mute and last": ("m", 4, True, False),
}


def site(clips: Clips) -> Handler:
    film = clips.ts()
    parts = {
        "a": clips.ts(clips.film(2.0, "320x180"), start=700),
        "m": clips.ts(clips.film(2.0, sound=False)),
    }
    files = each("/f", film.parts, ".ts")
    for name, pieces in parts.items():
        files |= each(f"/{name}", pieces.parts, ".ts")
    for index, (name, at, before, behind) in enumerate(ORDERS.values()):
        rows = [(f"f{n}.ts", length) for n, length in enumerate(film.seconds)]
        pieces = parts[name]
        rows[at:at] = [(f"{name}{n}.ts", length) for n, length in enumerate(pieces.seconds)]
        marks = {place for place, marked in ((at, before), (at + len(pieces), behind)) if marked}
        files[f"/{index}.m3u8"] = listing(rows, before=lambda n, marks=marks: JUMP * (n in marks))
    return folder(files)


KIND = Kind(
    "hls",
    site,
    {
        name: Form(
            f"/{index}.m3u8",
            Film(seconds=6.0, frames=150, slack=0.2),
        )
        for index, name in enumerate(ORDERS)
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
