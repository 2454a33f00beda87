"""The same bytes behind two nodes that name them differently, each answering in turn.

lingochamp/okdownload#488, gchq/Bailo#2774, lingochamp/FileDownloader#265: an ETag of inode and
time, a Last-Modified a second apart; If-Range kept to (200 and all of it) or not.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body
from tests.field.support.kind import Form, Kind
from tests.support.answers import BYTES, reply
from tests.support.content import content
from tests.support.request import Answer, Handler, Request

BODY = content(6_000_000)
DATE = "Mon, 02 Nov 2026 10:00:0{} GMT"
NODES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "tags": ({"ETag": '"1a2b-100"'}, {"ETag": '"9f8e-100"'}),
    "tags-and-date": (
        {"ETag": '"1a2b-100"', "Last-Modified": DATE.format(0)},
        {"ETag": '"9f8e-100"', "Last-Modified": DATE.format(0)},
    ),
    "dates": ({"Last-Modified": DATE.format(0)}, {"Last-Modified": DATE.format(1)}),
    "weak": ({"ETag": 'W/"1"'}, {"ETag": 'W/"2"'}),
    "one-lacks-it": ({"ETag": '"a"'}, {}),
}


def site(_: Clips) -> Handler:
    def handle(request: Request) -> Answer:
        _, name, mode, _ = request.path.split("/")
        headers = NODES[name][(request.nth - 1) % 2]
        kept_to = request.headers.get("if-range", "") in ("", *headers.values())
        if request.range and (kept_to or mode == "ignored"):
            first, last = request.range
            end = len(BODY) if last is None else min(last + 1, len(BODY))
            span = ("Content-Range", f"bytes {first}-{end - 1}/{len(BODY)}")
            return reply(BODY[first:end], status=206, headers=[*headers.items(), span])
        return reply(BODY, BYTES, headers=[*headers.items(), ("Accept-Ranges", "bytes")])

    return handle


KIND = Kind(
    "http",
    site,
    {
        f"{name}, If-Range {mode}": Form(f"/{name}/{mode}/big.bin", Body(BODY))
        for name in NODES
        for mode in ("kept", "ignored")
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
