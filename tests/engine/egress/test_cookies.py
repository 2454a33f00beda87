"""A user's cookies go where a browser would send them, hop by hop, and nowhere else."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from downloads.engine.core.errors import DownloadError, TooManyRedirects
from downloads.engine.egress.client import Client
from downloads.engine.egress.cookie_jar import CookieJar
from downloads.engine.egress.cookies import load
from downloads.engine.egress.target import parse
from tests.engine.egress.conftest import read_all
from tests.network.jars import LONG_AGO, SECRET, file, line
from tests.support.answers import redirect, respond
from tests.support.names import Names
from tests.support.origin import Origin
from tests.support.request import Reply, Request

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


def test_to_the_source_but_in_no_answer(origin: Origin, allow: Allow) -> None:
    origin.answers["/"] = respond(b"content")
    client = allow(origin, cookies=file(line("127.0.0.1")))
    with client.get(origin.url("/"), headers=[("Referer", "http://x.test/")]) as response:
        assert read_all(response) == b"content"
    assert origin.log[0].headers["cookie"] == f"session={SECRET}"
    assert SECRET not in str(response.sent_headers)


def test_a_redirect_to_another_host_carries_none(origin: Origin, allow: Allow) -> None:
    with Origin({"/": respond(b"other")}, host="127.0.0.2") as other:
        origin.answers["/"] = redirect(other.url("/"))
        client = allow(origin, other, cookies=file(line("127.0.0.1")))
        with client.get(origin.url("/")) as response:
            read_all(response)
        assert "cookie" not in other.log[0].headers
    assert "cookie" in origin.log[0].headers


def test_and_back_it_carries_them_again(origin: Origin, allow: Allow) -> None:
    origin.answers["/end"] = respond(b"end")
    with Origin({"/": redirect(origin.url("/end"))}, host="127.0.0.2") as other:
        origin.answers["/"] = redirect(other.url("/"))
        client = allow(origin, other, cookies=file(line("127.0.0.1")))
        client.get(origin.url("/")).close()
    assert "cookie" in origin.log[1].headers


def test_the_callers_own_come_first(origin: Origin, allow: Allow) -> None:
    origin.answers["/"] = respond()
    client = allow(origin, cookies=file(line("127.0.0.1"), line("127.0.0.1", "b", "2")))
    client.get(origin.url("/"), headers=[("Cookie", "session=site; c=3")]).close()
    assert origin.log[0].headers["cookie"] == "session=site; c=3; b=2"


def test_what_a_source_sets_takes_the_place_of_the_users_for_this_fetch(
    origin: Origin, allow: Allow
) -> None:
    origin.answers["/"] = respond(Set_Cookie="session=renewed; Path=/")
    text = file(line("127.0.0.1"), line("127.0.0.1", "b", "2"))
    client = allow(origin, cookies=text)
    for _ in range(2):
        read_all(client.get(origin.url("/")))
    assert origin.log[1].headers["cookie"] == "b=2; session=renewed"
    assert client.cookies == text


def gate(path: str, name: str, cookie: str, body: bytes = b"content") -> Reply:
    """Opens for those who bring the cookie back, and sends the others to ``path`` with it."""

    def reply(request: Request, sock: socket.socket) -> None:
        if f"{name}=open" in request.headers.get("cookie", ""):
            sock.sendall(respond(body))
        else:
            sock.sendall(respond(status="302 Found", Location=path, Set_Cookie=cookie))

    return reply


def test_a_redirect_to_itself_that_sets_one(origin: Origin, allow: Allow) -> None:
    origin.answers["/"] = gate("/", "pass", "pass=open; Max-Age=60")
    with allow(origin).get(origin.url("/"), start=0) as response:
        assert read_all(response) == b"content"
    assert response.sent_headers == ()
    assert len(origin.log) == 2


def test_one_that_is_never_taken_ends_in_too_many_redirects(origin: Origin, allow: Allow) -> None:
    origin.answers["/"] = gate("/", "pass", "pass=open; Path=/elsewhere")
    with pytest.raises(TooManyRedirects):
        allow(origin).get(origin.url("/"))
    assert len(origin.log) == 11


def test_there_and_back_with_a_query(origin: Origin, allow: Allow) -> None:
    origin.answers["/dl/f"] = gate("/gate?back", "gate", "other=1")
    origin.answers["/gate?back"] = respond(
        status="303 See Other", Location="/dl/f", Set_Cookie="gate=open; Path=/"
    )
    assert read_all(allow(origin).get(origin.url("/dl/f"))) == b"content"
    assert origin.log[-1].headers["cookie"] == "other=1; gate=open"


def test_one_that_an_error_sets_is_there_at_the_next_try(origin: Origin, allow: Allow) -> None:
    def reply(request: Request, sock: socket.socket) -> None:
        if "t=1" in request.headers.get("cookie", ""):
            sock.sendall(respond(b"content"))
        else:
            sock.sendall(respond(status="403 Forbidden", Set_Cookie="t=1"))

    origin.answers["/"] = reply
    client = allow(origin)
    with pytest.raises(DownloadError):
        client.get(origin.url("/"))
    assert read_all(client.get(origin.url("/"))) == b"content"


def test_a_manifests_cookie_goes_to_its_parts(origin: Origin, allow: Allow) -> None:
    origin.answers["/film/list.m3u8"] = respond(Set_Cookie="k=1; Path=/film")
    for path in ("/film/1.ts", "/film/key", "/films/1.ts", "/1.ts"):
        origin.answers[path] = respond()
    client = allow(origin)
    for path in origin.answers:
        read_all(client.get(origin.url(path)))
    sent = {one.path: one.headers.get("cookie") for one in origin.log}
    assert sent == {
        "/film/list.m3u8": None,
        "/film/1.ts": "k=1",
        "/film/key": "k=1",
        "/films/1.ts": None,
        "/1.ts": None,
    }


@pytest.fixture
def all_here(names: Callable[..., Names]) -> None:
    """Every name is this host."""
    names(("127.0.0.1",))


@pytest.mark.usefixtures("all_here")
def test_sibling_hosts_share_what_names_their_domain(origin: Origin, allow: Allow) -> None:
    for path in ("/set", "/a", "/b"):
        origin.answers[path] = respond()
    lines = ["all=1; Domain=film.example; Path=/", "one=1; Path=/", "no=1; Domain=example; Path=/"]
    fields = "".join(f"Set-Cookie: {line}\r\n" for line in lines).encode()
    origin.answers["/set"] = b"HTTP/1.1 200 OK\r\n" + fields + b"Content-Length: 0\r\n\r\n"
    client = allow(origin)
    for host, path in (("www", "/set"), ("cdn", "/a"), ("www", "/b")):
        read_all(client.get(f"http://{host}.film.example:{origin.port}{path}"))
    assert [one.headers.get("cookie") for one in origin.log] == [None, "all=1", "all=1; one=1"]


@pytest.mark.usefixtures("all_here")
def test_a_secure_one_is_not_taken_over_http(origin: Origin, allow: Allow) -> None:
    origin.answers["/"] = respond(Set_Cookie="a=1; Secure")
    client = allow(origin)
    for host in ("film.example", "film.example", "127.0.0.1", "127.0.0.1"):
        read_all(client.get(f"http://{host}:{origin.port}/"))
    assert [one.headers.get("cookie") for one in origin.log] == [None, None, None, "a=1"]


def test_no_other_host_gets_what_one_sets(origin: Origin, allow: Allow) -> None:
    with Origin({"/": respond(Set_Cookie="b=2")}, host="127.0.0.2") as other:
        origin.answers["/"] = respond(
            status="302 Found", Location=other.url("/"), Set_Cookie="a=1; Path=/"
        )
        client = allow(origin, other)
        for _ in range(2):
            read_all(client.get(origin.url("/")))
        assert [one.headers.get("cookie") for one in other.log] == [None, "b=2"]
    assert [one.headers.get("cookie") for one in origin.log] == [None, "a=1"]


def test_what_is_set_is_newer_than_the_callers_own(origin: Origin, allow: Allow) -> None:
    origin.answers["/"] = respond(Set_Cookie="s=new; Path=/")
    client = allow(origin)
    for _ in range(2):
        with client.get(origin.url("/"), headers=[("Cookie", "s=old; t=1")]) as response:
            read_all(response)
        assert response.sent_headers == (("Cookie", "s=old; t=1"),)
    assert [one.headers["cookie"] for one in origin.log] == ["s=old; t=1", "t=1; s=new"]


def test_no_client_has_those_of_another(origin: Origin, allow: Allow) -> None:
    origin.answers["/"] = respond(Set_Cookie="a=1; Path=/")
    for _ in range(2):
        client = allow(origin)
        read_all(client.get(origin.url("/")))
        client.close()
        assert client._jar.cookies_for(parse(origin.url("/"))) == ("", "")
    assert [one.headers.get("cookie") for one in origin.log] == [None, None]


def test_an_interim_answer_sets_none(origin: Origin, allow: Allow) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nSet-Cookie: a=1\r\n\r\n"
    origin.answers["/"] = hints + respond()
    client = allow(origin)
    for _ in range(2):
        read_all(client.get(origin.url("/")))
    assert "cookie" not in origin.log[1].headers


def test_bad_text_opens_nothing(allow: Allow, origin: Origin) -> None:
    with pytest.raises(ValueError, match="Line 1"):
        allow(origin, cookies="not cookies")
