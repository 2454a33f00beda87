"""Every form of a template's names, and timelines as packagers write them.

ISO/IEC 23009-1, 5.3.9.4.4: ``$Number%05d$``, ``$Time$``, ``$Bandwidth$``, ``$$``; 5.3.9.6: ``r`` of
-1 runs to the period's end, a first ``t`` that is missing is 0. canalplus/rx-player#53,
Dash-Industry-Forum/DASH-IF-Conformance#113 #244, shaka-project/shaka-player#5649 (no length).
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.dash import VIDEO, mpd, numbered, period, timed
from tests.field.support.expected import Film
from tests.field.support.kind import Form, Kind
from tests.support.answers import folder
from tests.support.request import Handler

NAMES = {
    "$Number$": "{n}",
    "$Number%05d$": "{n:05d}",
    "$Number%01d$": "{n}",
    "$RepresentationID$/$Number$": "v/{n}",
    "$Bandwidth$-$Number$": "100000-{n}",
    "$Bandwidth%08d$-$Number$": "00100000-{n}",
    "$$-$Number$": "$-{n}",
    "a b/$Number$": "a b/{n}",
    "$Number$?t=1&amp;u=2": "{n}",
}
TIMES = {
    "r of the rest": '<S t="0" d="1000" r="-1"/>',
    "r told": '<S t="0" d="1000" r="3"/>',
    "no t": '<S d="1000" r="3"/>',
    "one by one": '<S t="0" d="1000"/><S d="1000"/><S d="1000"/><S d="1000"/>',
    "every t": "".join(f'<S t="{at * 1000}" d="1000"/>' for at in range(4)),
    "r too large": '<S t="0" d="1000" r="-1"/><S t="3000" d="1000"/>',
    "overlaps by a tick": '<S t="0" d="1001"/><S t="1000" d="1001"/><S t="2000" d="1000" r="1"/>',
    "a last one without a length": '<S t="0" d="1000" r="3"/><S t="4000" d="0"/>',
    "a gap of a tick": '<S t="0" d="999"/><S t="1000" d="999"/><S t="2000" d="1000" r="1"/>',
}


def site(clips: Clips) -> Handler:
    pieces = clips.cmaf(clips.track("v"))
    served: dict[str, bytes] = {}
    for at, (pattern, name) in enumerate(NAMES.items()):
        path, mark, query = pattern.partition("?")
        media = f"{path}.m4s{mark}{query}"
        served[f"/{at}/a.mpd"] = mpd(period(numbered("v", VIDEO, start=1, media=media)))
        served[f"/{at}/v-init.mp4"] = pieces.init
        for n, part in enumerate(pieces.parts, start=1):
            served[f"/{at}/{name.format(n=n)}.m4s"] = part
    for name, line in TIMES.items():
        root = f"/{name}"
        served[f"{root}/a.mpd"] = mpd(period(timed("v", VIDEO, line, media="v-$Time$.m4s")))
        served[f"{root}/v-init.mp4"] = pieces.init
        for n, part in enumerate(pieces.parts):
            served[f"{root}/v-{n * 1000}.m4s"] = part
    return folder(served)


PICTURE = Film(lambda clips: clips.track("v"), sound=False)
KIND = Kind(
    "dash",
    site,
    {pattern: Form(f"/{at}/a.mpd", PICTURE) for at, pattern in enumerate(NAMES)}
    | {name: Form(f"/{name.replace(' ', '%20')}/a.mpd", PICTURE) for name in TIMES},
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
