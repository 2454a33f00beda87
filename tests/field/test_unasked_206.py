"""206 to requests that asked for no range.

ansible/ansible#68843, whatwg/fetch#560: servers that answer so with all bytes exist, and browsers
take them. With fewer bytes than the whole it is a part, and must not be kept as the whole.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Film, fails
from tests.field.support.hls import listing
from tests.field.support.kind import Form, Kind
from tests.support.answers import HLS, TS, file, reply
from tests.support.request import Answer, Handler, Request


def site(clips: Clips) -> Handler:
    pieces = clips.ts()

    def handle(request: Request) -> Answer:
        form, name = request.path.split("/")[1:]
        if name == "list.m3u8":
            text = listing(pieces, "p{}.ts")
            return _whole(text, HLS) if form == "all" else file(request, text, HLS)
        body = pieces.parts[int(name[1:-3])]
        if form == "part":
            span = f"bytes 0-{len(body) - 189}/{len(body)}"
            return reply(body[:-188], TS, status=206, headers=[("Content-Range", span)])
        return _whole(body, TS)

    return handle


def _whole(body: bytes, kind: str) -> bytes:
    span = f"bytes 0-{len(body) - 1}/{len(body)}"
    return reply(body, kind, status=206, headers=[("Content-Range", span)])


KIND = Kind(
    "http",
    site,
    {
        "segments": Form("/segments/list.m3u8", Film(Clips.film)),
        "the list too": Form("/all/list.m3u8", Film(Clips.film)),
        "a part of each": Form("/part/list.m3u8", fails("bad_response", "incomplete")),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
