"""Answers that say no, each for another cause: each has a sentence of its own.

wisecom-oy/atlas#246 (each 403 taken for an expired link), Open-EO/openeo-api#379,
bezzad/Downloader#32 (an expired signature that reads like a fault).
"""

from __future__ import annotations

import pytest

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import fails
from tests.field.support.kind import Form, Kind
from tests.support.answers import reply
from tests.support.request import Answer, Handler, Request

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
