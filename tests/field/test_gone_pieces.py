"""A list that is alive and names pieces that are not: players go on with another quality.

video-dev/hls.js#1458 (two of three qualities are 404), shaka-project/shaka-player#3835 and #4728
(one piece of one quality), #4093 (the same in DASH).
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.dash import AUDIO, VIDEO, files, mpd, numbered, period
from tests.field.support.expected import Film, fails
from tests.field.support.hls import iv, key, listing, master, variant
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder
from tests.support.request import Handler

TALL = VIDEO.replace("160", "320").replace('"90"', '"180"')
FOLLOWED = "could not be had from the site, so the picture in 90p was taken"


def _masters(clips: Clips) -> dict[str, bytes]:
    tall, low = clips.ts(clips.film(4.0, "320x180")), clips.ts()
    names = [(f"b{at}.ts", length) for at, length in enumerate(tall.seconds)]
    lists = {
        "all": listing([(f"x{at}.ts", length) for at, length in enumerate(tall.seconds)]),
        "one": listing([*names[:2], ("x.ts", 1.0), *names[3:]]),
        "a-page": listing([*names[:2], ("busy.ts", 1.0), *names[3:]]),
        "the-key": listing(names, head=[key(iv(1), "none")]),
        "the-map": listing(names, init="none.mp4"),
    }
    served = {f"/hls/{name}.list.m3u8": text for name, text in lists.items()}
    for name in lists:
        both = (variant(f"{name}.list.m3u8", rate=900_000, size="320x180"), variant("low.m3u8"))
        served[f"/hls/{name}.m3u8"] = master(*both)
    served["/hls/nothing-else.m3u8"] = master(
        variant("all.list.m3u8", rate=900_000, size="320x180"),
        variant("one.list.m3u8", rate=800_000, size="240x136"),
    )
    served["/hls/low.m3u8"] = listing(low, "s{}.ts")
    served["/hls/busy.ts"] = b"<!doctype html><title>Busy</title>"
    return served | each("/hls/b", tall.parts, ".ts") | each("/hls/s", low.parts, ".ts")


def _mpds(clips: Clips) -> dict[str, bytes]:
    picture, sound = clips.cmaf(only="v"), clips.cmaf(only="a")
    template = (
        '<SegmentTemplate timescale="1000" duration="1000" startNumber="0" '
        'initialization="$RepresentationID$-init.mp4" media="$RepresentationID$-$Number$.m4s"/>'
    )
    both = (
        f'<AdaptationSet>{template}<Representation id="x" bandwidth="900000" {TALL}/>'
        f'<Representation id="v" bandwidth="100000" {VIDEO}/></AdaptationSet>'
    )
    sounds = (
        f'<AdaptationSet>{template}<Representation id="y" bandwidth="900000" {AUDIO}/>'
        f'<Representation id="a" bandwidth="100000" {AUDIO}/></AdaptationSet>'
    )
    served = {
        "/whole/a.mpd": mpd(period(both, numbered("a", AUDIO))),
        "/pieces/a.mpd": mpd(period(both, numbered("a", AUDIO))),
        "/sound/a.mpd": mpd(period(numbered("v", VIDEO), sounds)),
        "/pieces/x-init.mp4": picture.init,
    }
    for root in ("/whole", "/pieces", "/sound"):
        served |= files(root, "v", picture) | files(root, "a", sound)
    return served


def site(clips: Clips) -> Handler:
    return folder(_masters(clips) | _mpds(clips))


LOWER = Film(Clips.film, height=90, note=FOLLOWED)
HLS = ("all", "one", "a-page", "the-key", "the-map")
KIND = Kind(
    "hls",
    site,
    {name.replace("-", " "): Form(f"/hls/{name}.m3u8", LOWER) for name in HLS}
    | {
        "in each quality": Form("/hls/nothing-else.m3u8", fails("incomplete")),
        "DASH: the header": Form("/whole/a.mpd", LOWER),
        "DASH: all but the header": Form("/pieces/a.mpd", LOWER),
        "DASH: of a sound": Form("/sound/a.mpd", Film(Clips.film)),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
