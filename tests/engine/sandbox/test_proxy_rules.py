"""The egress proxy applies the admin's rules to what comes out of the jail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from downloads.engine.egress.proxy import EgressProxy, EgressSession
from downloads.engine.egress.rules import RequestRule, RequestRules, Upstream, parse_headers
from tests.engine.sandbox.conftest import WIDE
from tests.engine.sandbox.speaking import ask, connect_line, get_line, status, why
from tests.support.answers import respond, then_close
from tests.support.origin import Origin


@pytest.fixture
def upstream() -> Iterator[EgressSession]:
    """Another proxy, one that wants credentials."""
    server = EgressProxy().start()
    with server.open(WIDE, max_bytes=10**9, seconds=60) as opened:
        yield opened
    server.close()


def opened(server: EgressProxy, /, **facts: object) -> EgressSession:
    rule = RequestRule("127.0.0.1", **facts)  # type: ignore[arg-type]
    return server.open(WIDE, max_bytes=10**9, seconds=60, rules=RequestRules((rule,)))


def fetch(session: EgressSession, url: str) -> requests.Response:
    with requests.Session() as client:
        client.trust_env = False
        client.proxies = {"http": session.url, "https": session.url}
        return client.get(url, timeout=30, headers={"User-Agent": "yt-dlp"})


def test_headers(proxy: EgressProxy, origin: Origin) -> None:
    with opened(proxy, headers=parse_headers("X-Key: k3y\nUser-Agent: Rule")) as session:
        assert fetch(session, origin.url("/")).content == b"content"
    sent = origin.log[0].headers
    assert (sent["x-key"], sent["user-agent"]) == ("k3y", "Rule")


def test_headers_to_no_other_host(proxy: EgressProxy) -> None:
    with Origin({"/": respond(b"content")}, host="127.0.0.2") as other:
        with opened(proxy, headers=parse_headers("X-Key: k3y")) as session:
            fetch(session, other.url("/"))
        assert "x-key" not in other.log[0].headers


def test_http_through_an_upstream(
    proxy: EgressProxy, upstream: EgressSession, origin: Origin
) -> None:
    with opened(proxy, proxy=Upstream.parse(upstream.url)) as session:
        assert fetch(session, origin.url("/")).content == b"content"
    assert upstream.received > 0
    assert "proxy-authorization" not in origin.log[0].headers


def test_a_tunnel_through_an_upstream(
    proxy: EgressProxy, upstream: EgressSession, origin: Origin
) -> None:
    origin.answers["/"] = then_close(respond(b"content"))
    with opened(proxy, proxy=Upstream.parse(upstream.url)) as session:
        line = connect_line(f"127.0.0.1:{origin.port}", session)
        answer = ask(proxy, line + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert status(answer) == 200
    assert answer.endswith(b"content")
    assert upstream.received > 0


def test_the_upstreams_refusal_is_not_the_jails(
    proxy: EgressProxy, upstream: EgressSession
) -> None:
    wrong = Upstream("127.0.0.1", upstream.port, "wrong:password")
    with opened(proxy, proxy=wrong) as session:
        for line in (
            get_line("http://127.0.0.1:9/", session),
            connect_line("127.0.0.1:9", session),
        ):
            assert (status(answer := ask(proxy, line)), why(answer)) == (502, "unreachable")


def test_inside_is_refused_before_the_upstream_is_asked(
    proxy: EgressProxy, upstream: EgressSession
) -> None:
    through = Upstream.parse(upstream.url)
    rules = RequestRules(
        tuple(RequestRule(host, proxy=through) for host in ("10.0.0.1", "printer"))
    )
    with proxy.open(WIDE, max_bytes=10**6, seconds=60, rules=rules) as session:
        for host in ("10.0.0.1", "printer"):
            answer = ask(proxy, get_line(f"http://{host}/", session))
            assert (status(answer), why(answer)) == (403, "blocked")
    assert upstream.sent == 0
