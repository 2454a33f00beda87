"""Heads of many lines: a CDN's debug headers and cookies.

python/cpython#131724, nathom/streamrip#1033, psf/requests#3097, internetarchive/warcprox#119.
Browsers bound a head by its bytes (256 KiB in Chromium) and not by its lines.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body, fails
from tests.field.support.kind import Form, Kind
from tests.support.answers import MP4, file
from tests.support.content import content
from tests.support.request import Answer, Handler, Request

BODY = content(50_000)


def site(_: Clips) -> Handler:
    def handle(request: Request) -> Answer:
        form = request.path.split("/")[1]
        lines = {"130": 115, "1000": 985, "endless": 200_000}.get(form, 0)
        extra = [(f"X-Edge-{at}", str(at)) for at in range(lines)]
        extra += [("Set-Cookie", f"t{at}=x; Path=/") for at in range(15)]
        if form == "long":
            extra.append(("Content-Security-Policy", "img-src " + "https://a.example " * 2500))
        return file(request, BODY, MP4, extra)

    return handle


KIND = Kind(
    "http",
    site,
    {
        "130 lines": Form("/130/film.mp4", Body(BODY)),
        "1000 lines": Form("/1000/film.mp4", Body(BODY)),
        "a line of 45 KB": Form("/long/film.mp4", Body(BODY)),
        "more than is read": Form("/endless/film.mp4", fails("bad_response")),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
