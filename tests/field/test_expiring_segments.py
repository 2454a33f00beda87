"""Segments signed in the list for a while; the list, asked for again, signs them afresh.

video-dev/hls.js#6641, streamlink/streamlink#6694, videojs/http-streaming#1417. Here a signature
serves two requests.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film, fails
from tests.field.support.hls import listing
from tests.field.support.kind import Form, Kind
from tests.support.answers import HLS, TS, file, reply
from tests.support.request import Answer, Handler, Request

USES = 2


def site(clips: Clips) -> Handler:
    pieces = clips.ts()
    served: dict[str, int] = {}

    def handle(request: Request) -> Answer:
        form, name = request.path.split("/")[1:]
        if name == "list.m3u8":
            signature = 0 if form == "never" else request.nth
            text = listing(pieces, f"{{}}.ts?sig={form}-{signature}")
            return file(request, text, HLS, etag=False)
        signature = request.query["sig"]
        served[signature] = served.get(signature, 0) + 1
        if served[signature] > USES:
            status = {"gone": 410, "unauthorised": 401}.get(form, 403)
            return reply(b"expired", "text/plain", status=status)
        return file(request, pieces.parts[int(name[:-3])], TS)

    return handle


KIND = Kind(
    "hls",
    site,
    {
        "403": Form("/forbidden/list.m3u8", Film(Clips.film)),
        "410": Form("/gone/list.m3u8", Film(Clips.film)),
        "never signed afresh": Form(
            "/never/list.m3u8", fails("expired_link", "unavailable", "incomplete")
        ),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
