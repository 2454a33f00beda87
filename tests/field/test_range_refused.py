"""A server that refuses whatever has a Range header, and sends the file to who has none.

bezzad/Downloader#220 (403, 404, 503 to the first look), AntennaPod/AntennaPod#2550 (a server that
cannot parse ``bytes=0-``). Not asked again: who says 429, or names a time to come back.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body, fails
from tests.field.support.kind import Form, Kind
from tests.field.support.origin import MP4, Answer, Handler, Request, Site, blob, page, reply

BODY = blob(100_000)
REFUSALS = (400, 403, 404, 405, 406, 416, 500, 501, 503)


def site(_: Clips) -> Handler:
    def handle(request: Request) -> Answer:
        status = int(request.path.split("/")[1])
        if "range" not in request.headers:
            return reply(BODY, MP4)
        if request.name == "later.mp4":
            return reply(b"", None, status=status, headers=[("Retry-After", "3600")])
        return page("<html><body>no", status)

    return handle


KIND = Kind(
    "http",
    site,
    {f"{status} to a Range": Form(f"/{status}/film.mp4", Body(BODY)) for status in REFUSALS}
    | {
        "429": Form("/429/film.mp4", fails("rate_limited")),
        "503 until later": Form("/503/later.mp4", fails("rate_limited", "network")),
    },
)


def test_fetch(check: Check, form: Form, site: Site) -> None:
    check(form)
    if form.path in ("/429/film.mp4", "/503/later.mp4"):
        asked = [request for request in site.log if request.target == form.path]
        assert all("range" in request.headers for request in asked), "asked again at once"
