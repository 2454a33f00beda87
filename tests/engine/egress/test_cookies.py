"""A user's cookies go where a browser would send them, hop by hop, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from downloads.engine.egress.client import Client
from downloads.engine.egress.cookie_jar import CookieJar
from downloads.engine.egress.cookies import load
from downloads.engine.egress.target import parse
from tests.engine.egress.conftest import read_all
from tests.network.jars import LONG_AGO, SECRET, file, line
from tests.support.raw_origin import RawOrigin, redirect, respond

Allow = Callable[..., Client]


def sent_to(text: str, url: str) -> str:
    return CookieJar(load(text)).cookies_for(parse(url)).given


@pytest.mark.parametrize(
    ("cookie", "url", "sent"),
    [
        (line(".example.com"), "http://example.com/", True),
        (line(".example.com"), "http://a.b.example.com/", True),
        (line(".example.com"), "http://badexample.com/", False),
        (line(".example.com"), "http://example.com.evil.test/", False),
        (line(".a.example.com"), "http://example.com/", False),
        (line("example.com"), "http://example.com/", True),
        (line("example.com"), "http://www.example.com/", False),
        (line(".example.com", secure=True), "http://example.com/", False),
        (line(".example.com", secure=True), "https://example.com/", True),
        (line(".example.com", path="/a"), "http://example.com/a/b", True),
        (line(".example.com", path="/a"), "http://example.com/ab", False),
        (line(".example.com", expires=LONG_AGO), "http://example.com/", False),
        (line(".example.com", expires=0), "http://example.com/", True),
        (line(".example.com", http_only=True), "http://example.com:8080/", True),
        (line("127.0.0.1"), "http://127.0.0.1:8080/", True),
        (line("127.0.0.1"), "http://127.0.0.2:8080/", False),
    ],
)
def test_as_a_browser_would(cookie: str, url: str, sent: bool) -> None:
    assert sent_to(file(cookie), url) == (f"session={SECRET}" if sent else "")


def test_in_the_bytes_of_utf_8() -> None:
    header = sent_to(file(line("example.com", value="schön")), "http://example.com/")
    assert header.encode("latin-1") == "session=schön".encode()


def test_to_the_source_but_in_no_answer(origin: RawOrigin, allow: Allow) -> None:
    origin.answers["/"] = respond(b"content")
    client = allow(origin, cookies=file(line("127.0.0.1")))
    with client.get(origin.url("/"), headers=[("Referer", "http://x.test/")]) as response:
        assert read_all(response) == b"content"
    assert origin.requests[0].headers["cookie"] == f"session={SECRET}"
    assert SECRET not in str(response.sent_headers)


def test_a_redirect_to_another_host_carries_none(origin: RawOrigin, allow: Allow) -> None:
    with RawOrigin({"/": respond(b"other")}, host="127.0.0.2") as other:
        origin.answers["/"] = redirect(other.url("/"))
        client = allow(origin, other, cookies=file(line("127.0.0.1")))
        with client.get(origin.url("/")) as response:
            read_all(response)
        assert "cookie" not in other.requests[0].headers
    assert "cookie" in origin.requests[0].headers


def test_and_back_it_carries_them_again(origin: RawOrigin, allow: Allow) -> None:
    origin.answers["/end"] = respond(b"end")
    with RawOrigin({"/": redirect(origin.url("/end"))}, host="127.0.0.2") as other:
        origin.answers["/"] = redirect(other.url("/"))
        client = allow(origin, other, cookies=file(line("127.0.0.1")))
        client.get(origin.url("/")).close()
    assert "cookie" in origin.requests[1].headers


def test_the_callers_own_come_first(origin: RawOrigin, allow: Allow) -> None:
    origin.answers["/"] = respond()
    client = allow(origin, cookies=file(line("127.0.0.1"), line("127.0.0.1", "b", "2")))
    client.get(origin.url("/"), headers=[("Cookie", "session=site; c=3")]).close()
    assert origin.requests[0].headers["cookie"] == "session=site; c=3; b=2"


def test_what_a_source_sets_takes_the_place_of_the_users_for_this_fetch(
    origin: RawOrigin, allow: Allow
) -> None:
    origin.answers["/"] = respond(Set_Cookie="session=renewed; Path=/")
    text = file(line("127.0.0.1"), line("127.0.0.1", "b", "2"))
    client = allow(origin, cookies=text)
    for _ in range(2):
        read_all(client.get(origin.url("/")))
    assert origin.requests[1].headers["cookie"] == "b=2; session=renewed"
    assert client.cookies == text


def test_bad_text_opens_nothing(allow: Allow, origin: RawOrigin) -> None:
    with pytest.raises(ValueError, match="Line 1"):
        allow(origin, cookies="not cookies")
