"""Answers that say no, each for another cause: each has a sentence of its own.

yt-dlp/yt-dlp#7860, media-kit/media-kit#1012, aria2/aria2#2109: "not found" is shown for an expired
signature and for a login. A status that is asked again is one that may pass.
"""

from __future__ import annotations

import pytest

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import fails
from tests.field.support.kind import Form, Kind
from tests.field.support.origin import Answer, Handler, Request, reply

PAST = "X-Amz-Date=20250101T000000Z&X-Amz-Expires=300&X-Amz-Signature=0"
CODES = {
    401: ("login_required",),
    403: ("unavailable", "login_required"),
    404: ("unavailable",),
    410: ("unavailable",),
    429: ("rate_limited",),
    451: ("geo_blocked", "unavailable"),
    500: ("bad_response",),
    503: ("bad_response", "rate_limited"),
}


def site(_: Clips) -> Handler:
    def handle(request: Request) -> Answer:
        return reply(b"no", "text/plain", status=int(request.path.split("/")[1]))

    return handle


KIND = Kind(
    "http",
    site,
    {str(status): Form(f"/{status}/film.mp4", fails(*codes)) for status, codes in CODES.items()}
    | {"expired": Form(f"/403/film.mp4?{PAST}", fails("expired_link"))},
)
_told: dict[str, str] = {}


@pytest.mark.timeout(90)
def test_fetch(check: Check, form: Form) -> None:
    sentence = check(form).message
    assert sentence not in _told, f"as of {_told[sentence]}"
    _told[sentence] = form.path
