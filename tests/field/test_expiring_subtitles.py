"""Links of subtitles that have run out when they are asked for: those of a fresh list are taken.

ytdl-org/youtube-dl#17273, debakarr/kodekloud-downloader#75 (403 for subtitles after the page was
read). A signature of the list serves once; without another one the note tells of it.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film
from tests.field.support.hls import listing, master, variant
from tests.field.support.kind import Form, Kind
from tests.support.answers import each, folder, reply
from tests.support.request import Answer, Handler, Request

CUES = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n"
TEXT = (
    '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="English",LANGUAGE="en",'
    'URI="/{form}/text.vtt?t={number}"'
)


def site(clips: Clips) -> Handler:
    ts = clips.ts()
    parts = each("/", ts.parts, ".ts")
    rows = [(f"/{at}.ts", length) for at, length in enumerate(ts.seconds)]
    numbers: dict[str, Iterator[int]] = defaultdict(itertools.count)

    def handle(request: Request) -> Answer:
        form, name = request.path.split("/")[1], request.name
        if name == "master.m3u8":
            told = TEXT.format(form=form, number=next(numbers[form]))
            listed = master(told, variant("/plain.m3u8", more=',SUBTITLES="s"'))
            return folder({request.path: listed})(request)
        if name == "text.vtt":
            gone = form == "never" or request.query["t"] == "0" or request.nth > 1
            status = int(form) if form.isdigit() else 403
            return reply(b"", None, status=status) if gone else reply(CUES, "text/vtt")
        return folder({"/plain.m3u8": listing(rows), **parts})(request)

    return handle


RIGHT = Film(Clips.film, cues=((1.0, 2.0, "Hello"),))
KIND = Kind(
    "subtitles",
    site,
    {
        status: Form(f"/{status}/master.m3u8", RIGHT, subtitles="en")
        for status in ("403", "404", "410", "401")
    }
    | {
        "without another": Form(
            "/never/master.m3u8",
            Film(Clips.film, note="English subtitles could not"),
            subtitles="en",
        )
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
