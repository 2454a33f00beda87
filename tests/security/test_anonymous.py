"""No stranger can hold the site: what a request without login may hold costs linear time.

Hostile texts go through the whole product, from the ASGI entry to the line in the log, at every
place where a request has room for text. The work for 64 kB is at most three times that for 32 kB.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import quote

import pytest
from asgiref.sync import async_to_sync

from config.asgi import application
from config.server.logs import LineFormatter
from tests.security.growth import MOST, growth

HEAD: Final = (
    "a", "/", "/.", "a.", "x-", "a+", "%", "%2f", ";", ",", "=", '"', "\\", '\\"', " ", "@",
    "://", "a@", "?", "&", "a=;", "\t", "[", "<", "0", "-", "*/*,", "q=", ":", "é",
)  # fmt: skip
FORM: Final = ("a=&", "a=b&", "%", "%41", "+", "csrfmiddlewaretoken=a&", "username=", "a;")
JSON: Final = ('"a":1,', "[", "{", '{"a":', "1,", '"\\u0061', "\\", "-", "1e", "9", " ", "\\ud800")
HEADERS: Final = (
    "host", "cookie", "authorization", "accept", "accept-language", "accept-encoding", "range",
    "if-range", "if-none-match", "if-modified-since", "origin", "referer", "user-agent",
    "x-forwarded-for", "x-forwarded-proto", "content-type", "content-length", "idempotency-key",
    "x-csrftoken", "access-control-request-headers", "x-requested-with",
)  # fmt: skip
PATHS: Final = ("/", "/api/v1/downloads/", "/static/", "/d/", "/accounts/login/", "/admin/")
PART: Final = "--x\r\nContent-Disposition: form-data; "
MULTIPART: Final = "multipart/form-data; boundary=x"


def ask(
    path: str = "/",
    *,
    method: str = "GET",
    query: str = "",
    headers: Any = (),
    body: bytes = b"",
) -> int:
    """Send a request into the ASGI application; return the status."""
    told = {b"host": b"testserver", **dict(headers)}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("latin-1", "replace"),
        "query_string": query.encode("latin-1", "replace"),
        "headers": list(told.items()),
        "client": ["198.51.100.7", 1],
        "server": ["testserver", 80],
    }
    return int(async_to_sync(_ask)(scope, body))


async def _ask(scope: dict[str, Any], body: bytes) -> int:
    messages: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]
    status = 0

    async def receive() -> Any:
        if messages:
            return messages.pop()
        await asyncio.Event().wait()  # the client waits for the answer
        raise AssertionError

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    await application(scope, receive, send)
    return status


pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def log() -> Iterator[io.StringIO]:
    """Write the log as in production."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter())
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def worst(runs: dict[str, Callable[[str], object]], pumps: tuple[str, ...]) -> None:
    """Fail if one of these takes more than linear time for one of the texts."""
    for name, run in runs.items():
        for pump in pumps:
            ratio = growth(run, lambda size, pump=pump: (pump * size)[:size], 0.05)
            assert ratio <= MOST, (name, pump, ratio)


@pytest.mark.parametrize("path", PATHS)
def test_paths(db: None, path: str) -> None:
    worst({path: lambda text: ask(path + text)}, HEAD)


@pytest.mark.parametrize("path", ["/", "/api/v1/downloads/", "/accounts/login/", "/d/x/y"])
def test_queries(db: None, path: str) -> None:
    runs = {
        "query": lambda text: ask(path, query=quote(text, safe="/%&=;+")),
        "next": lambda text: ask(path, query="next=" + quote(text)),
    }
    worst(runs, (*HEAD, *FORM))


@pytest.mark.parametrize("name", HEADERS)
def test_headers(db: None, name: str) -> None:
    def run(text: str) -> int:
        return ask("/accounts/login/", headers={name.encode(): text.encode("latin-1", "replace")})

    worst({name: run}, HEAD)


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "messages"])
def test_cookies(db: None, name: str) -> None:
    def run(text: str) -> int:
        return ask("/accounts/login/", headers={b"cookie": f'{name}="{text}"'.encode("latin-1")})

    worst({name: run}, HEAD)


@pytest.mark.parametrize(
    ("kind", "around"),
    [
        ("application/x-www-form-urlencoded", "{}"),
        (MULTIPART, PART + "{}\r\n\r\n--x--"),
        (MULTIPART, "--x\r\n{}"),
        (MULTIPART, PART + 'name="a"\r\n\r\n{}'),
    ],
)
@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/", "/downloads/"])
def test_forms(db: None, settings: Any, path: str, kind: str, around: str) -> None:
    settings.SIGNUP_OPEN = True

    def run(text: str) -> int:
        body = around.format(text).encode()
        return ask(path, method="POST", headers={b"content-type": kind.encode()}, body=body)

    worst({path: run}, (*FORM, *HEAD, "--x\r\n", "\r\n--", "\r\n"))


@pytest.mark.parametrize("path", ["/api/v1/auth/login/", "/api/v1/downloads/"])
def test_json(db: None, path: str) -> None:
    def run(text: str) -> int:
        headers = {b"content-type": b"application/json"}
        return ask(path, method="POST", headers=headers, body=text.encode())

    worst(
        {
            "raw": run,
            "object": lambda text: run("{" + text + "}"),
            "text": lambda text: run(json.dumps({"username": text, "password": text})),
            "keys": lambda text: run(
                json.dumps({f"k{n}": text[:1] for n in range(len(text) // 8)})
            ),
            "list": lambda text: run(json.dumps({"username": [1] * (len(text) // 3)})),
        },
        JSON,
    )
