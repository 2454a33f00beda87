"""206 with the right bytes and range, and the Content-Length of the whole file.

DaveRandom/Resume#3 (a PHP library that many sites send files with), minio/minio#6745,
owncloud/client#757. Content-Range tells the truth; the connection ends behind the bytes.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body
from tests.field.support.kind import Form, Kind
from tests.support.answers import MP4, paced, reply, then_close
from tests.support.content import content
from tests.support.request import Answer, Handler, Request

BODY = content(6_000_000)


def site(_: Clips) -> Handler:
    def handle(request: Request) -> Answer:
        headers = [("ETag", '"v1"'), ("Accept-Ranges", "bytes"), ("Connection", "close")]
        if request.range is None:
            return then_close(reply(BODY, MP4, headers=headers))
        first, last = request.range
        end = len(BODY) if last is None else min(last + 1, len(BODY))
        span = ("Content-Range", f"bytes {first}-{end - 1}/{len(BODY)}")
        head = reply(kind=MP4, status=206, headers=[*headers, span], length=len(BODY))
        return paced(head, BODY[first:end], close=True)

    return handle


KIND = Kind("http", site, {"on later ranges": Form("/film.mp4", Body(BODY))})


def test_fetch(check: Check, form: Form) -> None:
    check(form)
