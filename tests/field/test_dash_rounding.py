"""An MPD a hair longer than its segments: the one that this makes too many is 404.

Dash-Industry-Forum/dash.js#1455 #950 #462, gpac/gpac#360 ("happens a lot in practice"),
Dash-Industry-Forum/DASH-IF-Conformance#235. Players end there. A real segment that is missing,
in the middle or last, is an error.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.dash import AUDIO, VIDEO, files, mpd, numbered, period
from tests.field.support.expected import Film, fails
from tests.field.support.kind import Form, Kind
from tests.support.answers import folder
from tests.support.request import Handler

# total length, and the lengths of a piece of picture and sound in units of 25,000 a second
TOLD = {
    "exact": ("PT4S", 25_000, 25_000),
    "a hair": ("PT4S", 24_999, 24_999),
    "a frame": ("PT4.04S", 25_000, 25_000),
    "of the sound": ("PT4S", 25_000, 24_990),
    "too little told": ("PT3.9S", 25_000, 25_000),
}
HOLES = {"in the middle": 2, "the last": 3}


def site(clips: Clips) -> Handler:
    picture, sound = clips.cmaf(only="v"), clips.cmaf(only="a")
    served: dict[str, bytes] = {}

    def one(root: str, told: tuple[str, int, int]) -> None:
        total, *lengths = told
        sets = [
            numbered(name, kind, timescale=25_000, duration=length, start=1)
            for name, kind, length in zip("va", (VIDEO, AUDIO), lengths, strict=True)
        ]
        served[f"{root}/a.mpd"] = mpd(period(*sets), length=total)
        served.update(files(root, "v", picture, 1) | files(root, "a", sound, 1))

    for at, told in enumerate(TOLD.values()):
        one(f"/{at}", told)
    for missing in HOLES.values():
        one(f"/hole{missing}", TOLD["exact"])
        del served[f"/hole{missing}/v-{missing + 1}.m4s"]
    return folder(served)


KIND = Kind(
    "dash",
    site,
    {name: Form(f"/{at}/a.mpd", Film(Clips.film)) for at, name in enumerate(TOLD)}
    | {
        f"{name} is missing": Form(
            f"/hole{at}/a.mpd", fails("incomplete", "unavailable", "expired_link")
        )
        for name, at in HOLES.items()
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
