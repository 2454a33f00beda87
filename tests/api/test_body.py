"""Bodies that are no JSON, or more than that: a 4xx with a sentence, never a 500."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.api.arrange import DOWNLOADS, code

JSON = "application/json"
URL = b'"url": "https://media.example/x.mp4"'


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{" + URL + b",}",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"{" + URL + b', "expiresInDays": NaN}',
        b"{" + URL + b', "expiresInDays": ' + b"9" * 5000 + b"}",
        b'{"url": "https://media.example/\\ud800"}',
        b'{"\\ud800": 1}',
    ],
    ids=lambda body: str(body[:30]),
)
def test_not_json(as_alice: Any, body: bytes) -> None:
    assert code(as_alice.post(DOWNLOADS, body, content_type=JSON)) == (400, "parse_error")


def test_null(as_alice: Any) -> None:
    assert code(as_alice.post(DOWNLOADS, b"null", content_type=JSON)) == (400, "invalid")


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "*/*"])
def test_another_type(as_alice: Any, kind: str) -> None:
    response = as_alice.post(DOWNLOADS, b"{" + URL + b"}", content_type=kind)
    assert code(response) == (415, "unsupported_media_type")


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "none-such"])
def test_json_is_utf_8_whatever_is_said(as_alice: Any, charset: str) -> None:
    body = json.dumps({"url": "https://media.example/x.mp4"}).encode()
    kind = f"{JSON}; charset={charset}"
    response = as_alice.generic("POST", f"{DOWNLOADS}?x=%41", body, content_type=kind)
    assert response.status_code == 201


def test_a_charset_does_not_reach_the_query(as_alice: Any) -> None:
    kind = f"{JSON}; charset=utf-16"
    response = as_alice.generic("GET", f"{DOWNLOADS}?tab=none", content_type=kind)
    assert code(response) == (400, "invalid_choice")


def test_ten_megabytes(as_alice: Any) -> None:
    body = json.dumps({"url": "https://media.example/" + "x" * 10_000_000}).encode()
    assert code(as_alice.post(DOWNLOADS, body, content_type=JSON)) == (413, "request_too_large")


@pytest.mark.parametrize("accept", ["video/mp4", "text/html", "application/xml", "nonsense"])
def test_the_answer_is_json_whatever_is_asked_for(as_alice: Any, accept: str) -> None:
    response = as_alice.get(DOWNLOADS, headers={"Accept": accept})
    assert (response.status_code, response["Content-Type"]) == (200, JSON)


@pytest.mark.parametrize(
    "path",
    [
        "downloads/none/",
        "downloads/123/file/",
        "content/%00/",
        "nothing/",
        f"downloads/{'a' * 300}/",
    ],
)
def test_no_such_address(as_alice: Any, path: str) -> None:
    assert code(as_alice.get(f"/api/v1/{path}")) == (404, "not_found")


def test_no_such_method(as_alice: Any) -> None:
    response = as_alice.put(DOWNLOADS, {})
    assert code(response) == (405, "method_not_allowed")
    assert "POST" in response["Allow"]


@pytest.mark.parametrize("at", ["auth/login/", "downloads/", "cookies/"])
@pytest.mark.parametrize(
    "body",
    [
        json.dumps({f"f{n}": 1 for n in range(100_000)}),
        json.dumps({"ids": [1] * 300_000}),
        json.dumps({"ids": [[]] * 200_000}),
        json.dumps({"options": {"subtitles": [{}] * 200_000}}),
    ],
    ids=["fields", "items", "lists", "objects"],
)
def test_too_many_values_are_refused_before_they_are_read(
    as_alice: Any, at: str, body: str, settings: Any
) -> None:
    settings.REQUEST_MAX_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10**7
    began = time.process_time()
    answer = as_alice.post(f"/api/v1/{at}", body.encode(), content_type=JSON)
    assert code(answer) == (400, "parse_error")
    assert "at most 20000 values" in answer.json()["errors"][0]["detail"]
    assert time.process_time() - began < 0.5  # 3.2 s, when each unknown field made its error


def test_commas_within_a_text_are_no_values(as_alice: Any) -> None:
    body = {"site": "example.com", "text": "a=" + ',[{\\"' * 30_000}
    assert as_alice.post("/api/v1/cookies/", body).status_code == 201
