"""A server that refuses whatever has a Range header, and sends the file to who has none.

It may refuse by any status, by an empty file, a page, a message, words that are no HTTP.

bezzad/Downloader#220 (403, 404, 503 to the first look), AntennaPod/AntennaPod#2550 (a server that
cannot parse ``bytes=0-``). Not asked again: who says 429, or names a time to come back.
"""

from __future__ import annotations

from urllib.parse import quote, unquote

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body, fails
from tests.field.support.kind import Form, Kind
from tests.support.answers import MP4, missing, page, redirect, reply, then_close
from tests.support.content import content
from tests.support.origin import Origin
from tests.support.request import Answer, Handler, Request

BODY = content(100_000)
REFUSALS = (
    400, 401, 402, 403, 404, 405, 406, 410, 411, 416, 418, 421, 428, 451, 500, 501, 503, 505, 520,
)  # fmt: skip
OTHERWISE: dict[str, Answer] = {
    "nothing": reply(b"", MP4),
    "an empty 206": reply(b"", MP4, status=206),
    "204": reply(b"", None, status=204),
    "a page": page("<!doctype html><html><body>Bad request"),
    "a page as a film": reply(b"<!doctype html><html><body>Bad request", MP4),
    "JSON": reply(b'{"error": "ranges"}', "application/json"),
    "no HTTP": then_close(b"Bad Request\r\n\r\n"),
    "no word": None,
    "a redirect to an error": redirect("/gone.mp4"),
}


def site(_: Clips) -> Handler:
    def handle(request: Request) -> Answer:
        if request.path == "/gone.mp4":
            return missing()
        if "range" not in request.headers:
            return reply(BODY, MP4)
        how = unquote(request.path.split("/")[1])
        if how in OTHERWISE:
            return OTHERWISE[how]
        status = int(how)
        if request.name == "later.mp4":
            return reply(b"", None, status=status, headers=[("Retry-After", "3600")])
        return page("<html><body>no", status)

    return handle


KIND = Kind(
    "http",
    site,
    {f"{status} to a Range": Form(f"/{status}/film.mp4", Body(BODY)) for status in REFUSALS}
    | {
        f"{how} to a Range": Form(f"/{quote(how)}/film.mp4", Body(BODY, ("film.mp4",)))
        for how in OTHERWISE
    }
    | {
        "429": Form("/429/film.mp4", fails("rate_limited")),
        "503 until later": Form("/503/later.mp4", fails("rate_limited", "network")),
    },
)


def test_fetch(check: Check, form: Form, site: Origin) -> None:
    check(form)
    if form.path in ("/429/film.mp4", "/503/later.mp4"):
        asked = [request for request in site.log if request.target == form.path]
        assert all("range" in request.headers for request in asked), "asked again at once"
