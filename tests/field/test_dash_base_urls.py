"""Several BaseURL elements: mirrors, the first of which is gone; and bases within bases.

xbmc/inputstream.adaptive#326, google/ExoPlayer#771, shaka-project/shaka-player#68,
Dash-Industry-Forum/dash.js#571; ISO/IEC 23009-1, 5.6.
"""

from __future__ import annotations

from config.server.supervisor.port import ReservedPort
from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.dash import VIDEO, files, mpd, numbered, period
from tests.field.support.expected import Film, fails
from tests.field.support.kind import Form, Kind
from tests.support.answers import folder
from tests.support.request import Handler

CLOSED = ReservedPort()  # nothing listens there
BASES = {
    "the second is gone": ("cdn/", "gone/"),
    "the first is gone": ("gone/", "cdn/"),
    "the first refuses": (f"http://127.0.0.1:{CLOSED.number}/x/", "cdn/"),
    "two are gone": ("gone/", "lost/", "cdn/"),
    "with blanks": ("\n   cdn/\n  ",),
    "with attributes": ('" serviceLocation="b">cdn/',),
}


def _base(text: str) -> str:
    return (
        f'<BaseURL priority="1{text}</BaseURL>' if text[0] == '"' else f"<BaseURL>{text}</BaseURL>"
    )


def site(clips: Clips) -> Handler:
    pieces = clips.cmaf(clips.track("v"))
    picture = numbered("v", VIDEO)
    served: dict[str, bytes] = {}
    for at, bases in enumerate(BASES.values()):
        served[f"/{at}/a.mpd"] = mpd(*map(_base, bases), period(picture))
        served |= files(f"/{at}/cdn", "v", pieces)
    served["/deep/a.mpd"] = mpd(
        "<BaseURL>one/</BaseURL>", period("<BaseURL>two/</BaseURL>", picture)
    )
    served["/split/a.mpd"] = mpd("<BaseURL>half/</BaseURL><BaseURL>cdn/</BaseURL>", period(picture))
    whole = files("/split/cdn", "v", pieces)
    half = list(files("/split/half", "v", pieces).items())[:3]
    served |= files("/deep/one/two", "v", pieces) | whole | dict(half)
    served["/none/a.mpd"] = mpd("<BaseURL>x/</BaseURL><BaseURL>y/</BaseURL>", period(picture))
    return folder(served)


PICTURE = Film(lambda clips: clips.track("v"), sound=False)
KIND = Kind(
    "dash",
    site,
    {name: Form(f"/{at}/a.mpd", PICTURE) for at, name in enumerate(BASES)}
    | {
        "one within another": Form("/deep/a.mpd", PICTURE),
        "half at the first": Form("/split/a.mpd", PICTURE),
        "all are gone": Form("/none/a.mpd", fails("unavailable", "incomplete", "bad_manifest")),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
