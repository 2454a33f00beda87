"""A segment that lacks its end, told to be that long: a cache kept what was cut on its way.

Kademi/kademi-dev#65 (one segment, from a cache), video-dev/hls.js#3905. What is demuxed behind a
cut box is lost, so it is asked again; if it stays cut, that is an error.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film, fails
from tests.field.support.hls import KEY, encrypt, iv, key, listing
from tests.field.support.kind import Form, Kind
from tests.field.support.origin import Answer, Handler, Request, file

# where it is cut: a share of it, or so many bytes into the media's box
CUTS: dict[str, float | int] = {
    "in the middle": 0.5, "near the end": 0.97, "within its header": 0.02,
    "before the media": 0, "within the head of the media": 5, "of one byte": -1,
}  # fmt: skip


def site(clips: Clips) -> Handler:
    pieces = clips.cmaf()
    head = {"plain": [], "aes": [key(iv(4), "/key")]}

    def handle(request: Request) -> Answer:
        if request.path == "/key":
            return file(request, KEY)
        form, often, cut, name = request.path.split("/")[1:]
        if name == "list.m3u8":
            text = listing(pieces, "{}", head=['#EXT-X-MAP:URI="init"', *head[form]])
            return file(request, text)
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
    | {"beneath AES-128, once": Form("/aes/once/0.5/list.m3u8", Film(Clips.film))},
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
