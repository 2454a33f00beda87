"""A set for fast forward, of one picture a second; it is no quality.

shaka-project/shaka-player#538, kaltura/nginx-vod-module#945, Dash-Industry-Forum/dash.js#2958;
DASH-IF IOP, 3.2.9.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.dash import VIDEO, files, mpd, numbered, period
from tests.field.support.expected import Film
from tests.field.support.kind import Form, Kind
from tests.support.answers import folder
from tests.support.request import Handler

SCHEME = 'schemeIdUri="http://dashif.org/guidelines/trickmode" value="1"'
MARKS = {
    "essential": f"<EssentialProperty {SCHEME}/>",
    "supplemental": f"<SupplementalProperty {SCHEME}/>",
    "old": '<EssentialProperty schemeIdUri="http://dashif.org/guide-lines/trickmode" value="1"/>',
}
TALL = VIDEO.replace("160", "320").replace('"90"', '"180"')


def site(clips: Clips) -> Handler:
    film = clips.cmaf(clips.track("v", size="320x180"))
    slow = clips.film(size="160x90", sound=False, more=("-r", "1", "-g", "1"))
    trick = clips.cmaf(slow)
    served: dict[str, bytes] = {}
    for name, mark in MARKS.items():
        sets = (numbered("t", VIDEO, content=mark, attributes='id="2"'),
                numbered("v", TALL, attributes='id="1"'))  # fmt: skip
        served[f"/{name}/a.mpd"] = mpd(period(*sets))
        served |= files(f"/{name}", "v", film) | files(f"/{name}", "t", trick)
    return folder(served)


RIGHT = Film(lambda clips: clips.track("v", size="320x180"), sound=False, height=180)
KIND = Kind(
    "dash",
    site,
    {f"{name}, the lowest": Form(f"/{name}/a.mpd", RIGHT, quality="360p") for name in MARKS}
    | {f"{name}, the best": Form(f"/{name}/a.mpd", RIGHT) for name in MARKS},
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
