"""A SUBTITLES rendition whose URI is the subtitles themselves and no playlist.

video-dev/hls.js#5489 #7817, axiomatic-systems/Bento4#311 (its packager wrote such masters).
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.kind import Form, Kind
from tests.field.support.subtitled import film, form, vtt
from tests.support.answers import folder
from tests.support.request import Handler

SRT = (
    b"1\r\n00:00:00,500 --> 00:00:01,500\r\nHello there\r\n\r\n"
    b"2\r\n00:00:02,000 --> 00:00:03,500\r\nGoodbye\r\n"
)
FILES = {
    "WebVTT": {"en.vtt": vtt()},
    "with a query": {"en.vtt": vtt()},
    "SRT": {"en.srt": SRT},
    "without an extension": {"en": vtt()},
    "WebVTT called a playlist": {"en.m3u8": vtt()},
}


def site(clips: Clips) -> Handler:
    served: dict[str, bytes] = {}
    for at, (name, files) in enumerate(FILES.items()):
        uri = "en.vtt?a=1&b=2" if name == "with a query" else ""
        served |= film(f"/{at}", clips.ts(), files, uri)
    return folder(served)


KIND = Kind("subtitles", site, {name: form(f"/{at}") for at, name in enumerate(FILES)})


def test_fetch(check: Check, form: Form) -> None:
    check(form)
