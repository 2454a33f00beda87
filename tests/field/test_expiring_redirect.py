"""A link that leads to a signed one, which stops working on the way; the link gives a fresh one.

mem9-ai/drive9#138, bezzad/Downloader.Desktop#6, itchio/itch#964 (signed links of GitHub and S3).
Here a signature serves so many requests, and each body is cut after half a megabyte.
"""

from __future__ import annotations

import itertools

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body, fails
from tests.field.support.kind import Form, Kind
from tests.support.answers import BYTES, page, redirect, reply, then_close
from tests.support.content import content
from tests.support.request import Answer, Handler, Request

BODY = content(4_000_000)
PIECE = 500_000
USES = 3
PAST = "X-Amz-Date=20250101T000000Z&X-Amz-Expires=300"
EXPIRED = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"


OTHERWISE: dict[str, Answer] = {
    "page": page("<!doctype html><html><body>This link has expired"),
    "json": reply(b'{"error": "expired"}', "application/json"),
    "redirect": redirect("/page"),
    "404": reply(b"", None, status=404),
    "401": reply(b"", None, status=401),
    "416": reply(b"", None, status=416),
}


def site(_: Clips) -> Handler:
    numbers = itertools.count()
    used: dict[str, int] = {}

    def handle(request: Request) -> Answer:
        form = request.path.split("/")[1]
        if request.path == "/page":
            return OTHERWISE["page"]
        if request.name == "get":
            return redirect(f"/{form}/film.bin?{PAST}&X-Amz-Signature={next(numbers)}")
        signature = request.query["X-Amz-Signature"]
        used[signature] = used.get(signature, 0) + 1
        if form in OTHERWISE and used[signature] > USES:
            return OTHERWISE[form]
        if form == "never" or used[signature] > USES:
            status = 410 if form == "410" else 403
            return reply(EXPIRED, "application/xml", status=status)
        return _cut(request)

    return handle


def _cut(request: Request) -> Answer:
    first, last = request.range or (0, None)
    end = len(BODY) if last is None else min(last + 1, len(BODY))
    headers = [("ETag", '"x"'), ("Accept-Ranges", "bytes")]
    if request.range:
        headers.append(("Content-Range", f"bytes {first}-{end - 1}/{len(BODY)}"))
    status = 206 if request.range else 200
    head = reply(kind=BYTES, status=status, headers=headers, length=end - first)
    return then_close(head + BODY[first : min(end, first + PIECE)])


KIND = Kind(
    "http",
    site,
    {
        "403": Form("/403/get", Body(BODY)),
        "410": Form("/410/get", Body(BODY)),
        **{how: Form(f"/{how}/get", Body(BODY)) for how in OTHERWISE},
        "from the beginning": Form("/never/get", fails("expired_link", words="expired")),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
