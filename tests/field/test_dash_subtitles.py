"""Subtitles of an MPD: one WebVTT or TTML file, and encodings other than UTF-8.

shaka-project/shaka-player#3009 (ticks), Dash-Industry-Forum/dash.js#640,
Dash-Industry-Forum/DASH-IF-IOP#83.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.dash import AUDIO, VIDEO, files, mpd, numbered, period
from tests.field.support.expected import Film
from tests.field.support.kind import Form, Kind
from tests.field.support.subtitled import CUES, vtt
from tests.support.answers import folder
from tests.support.request import Handler

TTML = (
    '<?xml version="1.0" encoding="{}"?>\n<tt xmlns="http://www.w3.org/ns/ttml" {}><body><div>'
    '<p begin="{}" {}>Hello there</p><p begin="{}" {}>Goodbye</p></div></body></tt>'
)
RATE = 'xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="25" ttp:tickRate="10000000"'
TEXTS: dict[str, tuple[str, bytes]] = {
    "WebVTT": ("text/vtt", vtt()),
    "clock times": ("application/ttml+xml", TTML.format(
        "utf-8", "", "00:00:00.500", 'end="00:00:01.500"', "00:00:02.000", 'end="00:00:03.500"'
    ).encode()),
    "lengths": ("application/ttml+xml", TTML.format(
        "utf-8", "", "0.5s", 'dur="1s"', "2000ms", 'dur="1.5s"').encode()),
    "ticks": ("application/ttml+xml", TTML.format(
        "utf-8", RATE, "5000000t", 'end="15000000t"', "20000000t", 'end="35000000t"').encode()),
    "UTF-16": ("application/ttml+xml", TTML.format(
        "utf-16", "", "0.5s", 'end="1.5s"', "2s", 'end="3.5s"').encode("utf-16")),
}  # fmt: skip


def site(clips: Clips) -> Handler:
    served = {}
    for at, (kind, text) in enumerate(TEXTS.values()):
        subtitle = (
            f'<AdaptationSet contentType="text" mimeType="{kind}" lang="en"><Representation '
            'id="s" bandwidth="256"><BaseURL>en.txt</BaseURL></Representation></AdaptationSet>'
        )
        film = (numbered("v", VIDEO), numbered("a", AUDIO))
        served[f"/{at}/a.mpd"] = mpd(period(*film, subtitle))
        served[f"/{at}/en.txt"] = text
        served |= files(f"/{at}", "v", clips.cmaf(only="v"))
        served |= files(f"/{at}", "a", clips.cmaf(only="a"))
    return folder(served)


KIND = Kind(
    "subtitles",
    site,
    {
        name: Form(f"/{at}/a.mpd", Film(Clips.film, cues=CUES), subtitles="en")
        for at, name in enumerate(TEXTS)
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
