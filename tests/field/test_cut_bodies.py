"""Bodies that end early: exact when the origin can resume, else an error; never a short file.

xroche/httrack#840, httpie/cli#96, oven-sh/bun#36068, bazelbuild/bazel#13918.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body, Either, fails
from tests.field.support.kind import Form, Kind
from tests.support.answers import BYTES, chunked, reply, then_close
from tests.support.content import content
from tests.support.request import Answer, Handler, Request

BODY = content(1_500_000)
CUT = 500_001
CHUNKED = reply(kind=BYTES, headers=[("Transfer-Encoding", "chunked")])


def site(_: Clips) -> Handler:
    def handle(request: Request) -> Answer:
        match request.name:
            case "once.bin":
                part = chunked(BODY) if request.nth > 1 else chunked(BODY[:CUT])[:-5]
                return then_close(CHUNKED + part)
            case "always.bin":
                return then_close(CHUNKED + chunked(BODY[:CUT])[:-5])
            case "in-a-chunk.bin":
                return then_close(CHUNKED + chunked(BODY, 65536)[:CUT])
            case "no-crlf.bin":
                return then_close(CHUNKED + chunked(BODY)[:-2])
            case "short.bin":
                return then_close(reply(BODY[:CUT], length=len(BODY)))
            case "resets.bin":
                return then_close(_part(request))
        return None

    return handle


def _part(request: Request) -> bytes:
    first, last = request.range or (0, None)
    end = len(BODY) if last is None else min(last + 1, len(BODY))
    headers = [("ETag", '"v"'), ("Content-Range", f"bytes {first}-{end - 1}/{len(BODY)}")]
    status = 206 if request.range else 200
    part = BODY[first : min(end, first + CUT)]
    headers = headers if request.range else headers[:1]
    return reply(part, status=status, headers=headers, length=end - first)


CLEAR = fails("network", "bad_response", "incomplete", "stalled")
KIND = Kind(
    "http",
    site,
    {
        "each answer, with ranges": Form("/resets.bin", Body(BODY)),
        "the first, chunked": Form("/once.bin", Body(BODY)),
        "the last CRLF is missing": Form("/no-crlf.bin", Either(Body(BODY), CLEAR)),
        "always, chunked": Form("/always.bin", CLEAR),
        "always, within a chunk": Form("/in-a-chunk.bin", CLEAR),
        "always, with a length": Form("/short.bin", CLEAR),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
