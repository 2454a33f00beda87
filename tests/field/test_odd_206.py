"""Answers to ``Range: bytes=0-`` whose Content-Range is missing, misspelt or of other bytes.

razzamatazm/mustarrd#146 (no Content-Range), httpie/cli#515 (no last byte), pydio/pydio-core#400
(one byte too many). Asked without Range these servers send the file: only a 200 is taken then.
"""

from __future__ import annotations

from urllib.parse import quote

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body, fails
from tests.field.support.kind import Form, Kind
from tests.support.answers import MP4, paced, reply
from tests.support.content import content
from tests.support.request import Answer, Handler, Request

BODY = content(100_000)
LAST, SIZE = len(BODY) - 1, len(BODY)
SPANS = {
    "no Content-Range": None,
    "an empty one": "",
    "no last byte": f"bytes 0-/{SIZE}",
    "an equals sign": f"bytes=0-{LAST}/{SIZE}",
    "one byte too many": f"bytes 0-{SIZE}/{SIZE}",
    "no unit": f"0-{LAST}/{SIZE}",
    "a size too small": f"bytes 0-{LAST}/{SIZE - 10}",
    "a word": "bytes none",
    "negative": f"bytes -{SIZE}/{SIZE}",
}


# Of ranges after a first answer that was right, and broke off: what they say, for "a-b" of SIZE.
LATER = {
    "another size": "bytes {a}-{b}/{more}",
    "no size": "bytes {a}-{b}/*",
    "the range of all": "bytes 0-{last}/{size}",
    "one byte later": "bytes {c}-{b}/{size}",
    "nothing": "",
}
LARGE = content(4_000_000, 2)


def _later(request: Request, how: str) -> Answer:
    if request.range is None:
        return reply(LARGE, MP4, headers=[("ETag", '"v"')])
    size, a = len(LARGE), request.range[0]
    b = size - 1 if request.range[1] is None else min(request.range[1], size - 1)
    told = LATER[how] if a else "bytes {a}-{b}/{size}"
    span = told.format(a=a, b=b, c=a + 1, size=size, more=size + 1, last=size - 1)
    headers = [("ETag", '"v"'), *([("Content-Range", span)] if span else [])]
    if a:
        return reply(LARGE[a : b + 1], MP4, status=206, headers=headers)
    head = reply(kind=MP4, status=206, headers=headers, length=size)
    return paced(head, LARGE[:1_500_000], close=True)


def site(_: Clips) -> Handler:
    def handle(request: Request) -> Answer:
        name = request.path.split("/")[1]
        if name == "later":
            return _later(request, request.path.split("/")[2])
        if name == "always":  # also to who asks for no range: a part, told for the whole
            return reply(BODY[:5000], MP4, status=206)
        if request.range is None:
            return reply(BODY, MP4)
        first = request.range[0]
        if name == "others":  # bytes that were not asked for
            span = f"bytes 5000-{LAST}/{SIZE}"
            return reply(BODY[5000:], MP4, status=206, headers=[("Content-Range", span)])
        span = list(SPANS.values())[int(name)]
        headers = [] if span is None else [("Content-Range", span)]
        return reply(BODY[first:], MP4, status=206, headers=headers)

    return handle


KIND = Kind(
    "http",
    site,
    {name: Form(f"/{at}/film.mp4", Body(BODY)) for at, name in enumerate(SPANS)}
    | {f"later, {how}": Form(f"/later/{quote(how)}/film.mp4", Body(LARGE)) for how in LATER}
    | {
        "other bytes than those asked for": Form("/others/film.mp4", Body(BODY)),
        "206 always, no Content-Range": Form("/always/film.mp4", fails("bad_response")),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
