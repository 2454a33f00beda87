"""The admin's rule of a host: its headers and its proxy, looked up again on each hop."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from downloads.engine.core.errors import BlockedAddress, InternalError, NetworkError
from downloads.engine.egress.client import Client
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.egress.proxy import EgressProxy, EgressSession
from downloads.engine.egress.rules import (
    RequestRule,
    RequestRules,
    Upstream,
    most_specific,
    parse_headers,
    parse_pattern,
)
from downloads.engine.egress.upstream import is_private_name
from tests.engine.egress.conftest import read_all
from tests.support.answers import redirect, respond, then_close
from tests.support.certificate import trusted
from tests.support.origin import Origin
from tests.support.request import Request

Allow = Callable[..., Client]
WIDE = AddressPolicy(allowed_networks=parse_allowed_networks("127.0.0.0/8"))


def rules(host: str = "127.0.0.1", **facts: object) -> RequestRules:
    return RequestRules((RequestRule(host, **facts),))  # type: ignore[arg-type]


# Which rule


@pytest.mark.parametrize(
    ("host", "pattern"),
    [
        ("example.com", "example.com"),
        ("www.example.com", "*.example.com"),
        ("a.cdn.example.com", "*.cdn.example.com"),
        ("cdn.example.com", "cdn.example.com"),
        ("badexample.com", None),
        ("example.com.evil.test", None),
    ],
)
def test_the_most_specific(host: str, pattern: str | None) -> None:
    known = ["*.example.com", "example.com", "*.cdn.example.com", "cdn.example.com"]
    assert most_specific(known, host) == pattern


def test_one_that_cannot_be_read_stops_its_host_alone(origin: Origin, allow: Allow) -> None:
    with allow(origin, rules=rules(unreadable=True)) as client, pytest.raises(InternalError):
        client.get(origin.url("/"))
    assert origin.connections == 0
    assert rules(unreadable=True).of("127.0.0.2").headers == ()


@pytest.mark.parametrize(
    "text", ["", "*", "*.", "a b", "https://a.io", "a.io/x", "a.io:1", "**.a.io"]
)
def test_what_is_no_pattern(text: str) -> None:
    with pytest.raises(ValueError, match=r"example\.com"):
        parse_pattern(text)


def test_patterns_in_one_form() -> None:
    assert parse_pattern(" *.Example.COM ") == "*.example.com"
    assert parse_pattern("bücher.example") == "xn--bcher-kva.example"


# Headers


OURS = """Host content-length Range Transfer-Encoding Te Connection Proxy-Authorization
Accept-Encoding"""


@pytest.mark.parametrize("name", OURS.split())
def test_headers_that_are_ferrys_own(name: str) -> None:
    with pytest.raises(ValueError, match="Leave it out"):
        parse_headers(f"{name}: x")


@pytest.mark.parametrize("text", ["Referer", "Re ferer: x", "A:", "A: \x01", "A: 1\nA: 2", ": x"])
def test_headers_that_cannot_be_sent(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        parse_headers(text)


def test_headers_go_to_their_host_and_take_others_place(origin: Origin, allow: Allow) -> None:
    with Origin({"/": respond()}, host="127.0.0.2") as other:
        origin.answers["/"] = redirect(other.url("/"))
        headers = parse_headers("X-Key: k3y\nUser-Agent: Rule")
        client = allow(origin, other, rules=rules(headers=headers))
        response = client.get(origin.url("/"), headers=[("User-Agent", "Caller")])
        response.close()
        assert other.log[0].headers["user-agent"] == "Caller"
        assert "x-key" not in other.log[0].headers
    sent = origin.log[0].headers
    assert (sent["x-key"], sent["user-agent"]) == ("k3y", "Rule")
    assert "k3y" not in str(response.sent_headers)


# The proxy


@pytest.fixture
def session() -> Iterator[EgressSession]:
    """A real proxy that wants credentials and counts what goes through it."""
    server = EgressProxy().start()
    with server.open(WIDE, max_bytes=10**9, seconds=60) as opened:
        yield opened
    server.close()


def through(session: EgressSession, host: str = "127.0.0.1") -> RequestRules:
    return rules(host, proxy=Upstream.parse(session.url))


def test_http_goes_through_it(origin: Origin, allow: Allow, session: EgressSession) -> None:
    origin.answers["/a?b=c"] = respond(b"content")
    client = allow(origin, rules=through(session))
    assert read_all(client.get(origin.url("/a?b=c"))) == b"content"
    assert session.received > len(b"content")
    assert "proxy-authorization" not in origin.log[0].headers
    assert origin.log[0].headers["host"] == f"127.0.0.1:{origin.port}"


def test_another_host_does_not(origin: Origin, allow: Allow, session: EgressSession) -> None:
    origin.answers["/"] = respond(b"content")
    client = allow(origin, rules=through(session, "example.com"))
    assert read_all(client.get(origin.url("/"))) == b"content"
    assert session.received == 0


def test_https_goes_through_a_tunnel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, session: EgressSession
) -> None:
    with (
        trusted(tmp_path, monkeypatch) as tls,
        Origin({"/": respond(b"secret")}, tls=tls) as origin,
    ):
        url = f"https://localhost:{origin.port}/"
        with Client(WIDE, rules=through(session, "localhost")) as client:
            assert read_all(client.get(url)) == b"secret"
        assert session.received > 0


def test_wrong_credentials_are_told_as_the_proxys(
    origin: Origin, allow: Allow, session: EgressSession
) -> None:
    wrong = Upstream("127.0.0.1", session.port, "wrong:password")
    client = allow(origin, rules=rules(proxy=wrong))
    for scheme in ("http", "https"):
        with pytest.raises(NetworkError) as caught:
            client.get(f"{scheme}://127.0.0.1:{origin.port}/")
        assert "proxy that is set for this site" in caught.value.message
        assert "nothing" not in caught.value.message + caught.value.detail
    assert origin.connections == 0


def test_a_proxy_that_writes_its_head_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that answers CONNECT and serves TLS by itself, so that no byte is read too far."""
    with trusted(tmp_path, monkeypatch) as tls:

        def tunnel(request: Request, sock: socket.socket) -> None:
            sock.sendall(b"HTTP/1.0 200\nProxy-Agent : x\nbroken\n\n")
            with tls.wrap_socket(sock, server_side=True) as secure:
                secure.recv(65536)
                secure.sendall(respond(b"secret"))

        with Origin({"localhost:4443": tunnel}) as proxy:
            upstream = Upstream("127.0.0.1", proxy.port)
            with Client(WIDE, rules=rules("localhost", proxy=upstream)) as client:
                assert read_all(client.get("https://localhost:4443/")) == b"secret"


def test_what_is_no_proxy_is_told(origin: Origin, allow: Allow) -> None:
    with Origin({f"127.0.0.1:{origin.port}": then_close(b"SSH-2.0-hello\r\n\r\n")}) as other:
        client = allow(origin, rules=rules(proxy=Upstream("127.0.0.1", other.port)))
        with pytest.raises(NetworkError, match="no proxy"):
            client.get(f"https://127.0.0.1:{origin.port}/")


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/",
        "https://[::1]/",
        "http://169.254.169.254/latest/",
        "http://2130706433/",
        "http://localhost/",
        "https://printer/",
        "http://files.lan/",
        "http://vault.internal/",
    ],
)
def test_inside_is_refused_before_the_proxy_is_asked(url: str, session: EgressSession) -> None:
    upstream = Upstream.parse(session.url)
    hosts = ("10.0.0.1", "::1", "169.254.169.254", "2130706433", "localhost", "printer",
             "files.lan", "vault.internal")  # fmt: skip
    every = RequestRules(tuple(RequestRule(host, proxy=upstream) for host in hosts))
    with Client(AddressPolicy(), rules=every) as client, pytest.raises(BlockedAddress):
        client.get(url)
    assert (session.sent, session.connections) == (0, 0)


def test_names_of_no_public_zone() -> None:
    assert all(map(is_private_name, ["nas", "a.local", "b.home.arpa", "x.localhost"]))
    assert not any(map(is_private_name, ["example.com", "local.example.com", "mylan.com"]))


@pytest.mark.parametrize(
    "url", ["", "https://p:1", "socks5://p:1", "http://p:1/x", "p:1", "http://"]
)
def test_what_is_no_proxys_url(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        Upstream.parse(url)


def test_a_proxy_shows_no_credentials() -> None:
    upstream = Upstream.parse("http://name:p%40ss@proxy.test:3128")
    assert (upstream.shown, upstream.credentials) == ("proxy.test:3128", "name:p@ss")
    assert "p@ss" not in repr(upstream)
