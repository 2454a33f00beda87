"""A segment that lacks its end, told to be that long: a cache kept what was cut on its way.

Kademi/kademi-dev#65 (one segment, from a cache), video-dev/hls.js#3905 #413 #409. Asked again; if
it stays cut, that is an error for MP4 and WebM, where what is behind the cut is lost; MPEG-TS
plays on, and the download's note tells what is missing.
"""

from __future__ import annotations

import re

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film, fails
from tests.field.support.hls import KEY, encrypt, iv, key, listing
from tests.field.support.kind import Form, Kind
from tests.support.answers import file
from tests.support.request import Answer, Handler, Request

# where it is cut: a share of it, or so many bytes into the media's box
CUTS: dict[str, float | int] = {
    "in the middle": 0.5, "near the end": 0.97, "within its header": 0.02,
    "before the media": 0, "within the head of the media": 5, "of one byte": -1,
}  # fmt: skip


def site(clips: Clips) -> Handler:
    forms = {"": clips.cmaf(), "ts": clips.ts(), "webm": clips.clusters()}
    head = {"plain": [], "aes": [key(iv(4), "/key")]}

    def handle(request: Request) -> Answer:
        if request.path == "/key":
            return file(request, KEY)
        form, often, cut, name = request.path.split("/")[1:]
        container, _, form = form.rpartition("-")
        pieces = forms[container]
        if name == "list.m3u8":
            maps = ['#EXT-X-MAP:URI="init"'] if pieces.init else []
            return file(request, listing(pieces, "{}", head=[*maps, *head[form]]))
        if name == "init":
            return file(request, pieces.init)
        body = pieces.parts[int(name)]
        if name == "1" and (often == "always" or request.nth == 1):
            body = _cut(body, cut)
        return file(request, encrypt(body, iv(4)) if form == "aes" else body)

    return handle


def _cut(body: bytes, told: str) -> bytes:
    if "." in told:
        return body[: int(len(body) * float(told))]
    return body[: int(told) if told == "-1" else body.index(b"mdat") - 4 + int(told)]


def _cut_film(frames: int, picture: str, sound: str, at: str) -> Film:
    note = (
        f"Fragment 2 is cut short on the site: {picture} s of the picture and {sound} s of the "
        f"sound are missing at 0:0{at}"
    )
    return Film(frames=frames, seconds=4.0, note=re.escape(note))


KIND = Kind(
    "hls",
    site,
    {
        f"{name}, once": Form(f"/plain/once/{cut}/list.m3u8", Film(Clips.film))
        for name, cut in CUTS.items()
    }
    | {
        f"{name}, always": Form(f"/plain/always/{cut}/list.m3u8", fails("incomplete"))
        for name, cut in CUTS.items()
    }
    | {
        "beneath AES-128, once": Form("/aes/once/0.5/list.m3u8", Film(Clips.film)),
        "WebM, once": Form("/webm-plain/once/0.5/list.m3u8", Film(frames=100, sound=False)),
        "WebM, always": Form("/webm-plain/always/0.99/list.m3u8", fails("incomplete")),
        "TS, once": Form("/ts-plain/once/0.5/list.m3u8", Film(Clips.film)),
        "TS, always": Form("/ts-plain/always/0.5/list.m3u8", _cut_film(87, "0.5", "0.6", "1")),
        "TS, within its sound": Form(
            "/ts-plain/always/0.9/list.m3u8", _cut_film(98, "0.1", "0.3", "2")
        ),
        "TS, near its begin": Form(
            "/ts-plain/always/0.1/list.m3u8", _cut_film(75, "1.0", "1.0", "1")
        ),
        "TS, beneath AES-128": Form(
            "/ts-aes/always/0.5/list.m3u8", _cut_film(87, "0.5", "0.6", "1")
        ),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
