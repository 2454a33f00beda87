"""requests over guarded connections, at raw servers that misbehave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import (
    BadResponse,
    BlockedAddress,
    NetworkError,
    Stalled,
    Stopped,
    StopReason,
    UnsupportedURL,
)
from downloads.engine.egress import requests_adapter
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.egress.requests_adapter import guarded_session
from tests.support.answers import forever, respond, then_hang
from tests.support.webhook_receiver import Receiver

LOOPBACK = AddressPolicy(allowed_networks=parse_allowed_networks("127.0.0.0/8, ::1"))
NOTHING = AddressPolicy()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with guarded_session(LOOPBACK, body_within=0.5) as made:
        yield made


def post(session: requests.Session, url: str, **more: Any) -> requests.Response:
    return session.post(url, data=b'{"a": 1}', **{"timeout": 0.5, **more})


def test_an_answer_is_as_requests_gives_it(session: requests.Session, receiver: Receiver) -> None:
    receiver.reply = respond(
        b'{"id": "\xc3\xa9"}',
        status="201 Made",
        Content_Type="application/json",
        Location="/made/1",
    )
    got = session.post(receiver.url("/api?v=1"), json={"a": 1}, timeout=(1, 1))
    assert (got.status_code, got.reason, got.json()) == (201, "Made", {"id": "\u00e9"})
    assert got.headers["content-TYPE"] == "application/json"
    (asked,) = receiver.got
    assert (asked.target, asked.body) == ("/api?v=1", b'{"a": 1}')
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["content-length"] == "8"
    assert "python-requests" not in asked.headers["user-agent"]


def test_text_and_an_empty_body_are_sent(session: requests.Session, receiver: Receiver) -> None:
    session.post(receiver.url(), data="caf\u00e9", timeout=30)
    session.post(receiver.url(), timeout=30)
    assert [got.body for got in receiver.got] == ["caf\u00e9".encode(), b""]
    with pytest.raises(ValueError, match="length"):
        session.post(receiver.url(), data=iter([b"a"]), timeout=30)


def test_a_private_address_is_refused(receiver: Receiver) -> None:
    with guarded_session(NOTHING) as session, pytest.raises(BlockedAddress):
        post(session, receiver.url())
    assert receiver.got == []


def test_a_name_that_leads_inside_is_refused(receiver: Receiver) -> None:
    with guarded_session(NOTHING) as session, pytest.raises(BlockedAddress):
        post(session, f"http://localhost:{receiver.port}/")
    assert receiver.got == []


def test_a_redirect_that_is_followed_is_judged_again(receiver: Receiver) -> None:
    port = AddressPolicy(allowed_networks=parse_allowed_networks(f"127.0.0.1/32:{receiver.port}"))
    with Receiver() as inner, guarded_session(port) as session:
        receiver.reply = respond(
            status="302 Found", Location=f"http://127.0.0.1:{inner.port}/secret"
        )
        with pytest.raises(BlockedAddress):
            post(session, f"http://127.0.0.1:{receiver.port}/")
        assert inner.got == []


def test_a_redirect_that_is_not_followed_is_the_answer(
    session: requests.Session, receiver: Receiver
) -> None:
    receiver.reply = respond(status="307 Moved", Location="/elsewhere")
    assert post(session, receiver.url(), allow_redirects=False).status_code == 307
    assert len(receiver.got) == 1


@pytest.mark.parametrize("scheme", ["file", "ftp", "gopher"])
def test_other_schemes_are_refused(session: requests.Session, scheme: str) -> None:
    with pytest.raises(requests.exceptions.InvalidSchema):
        session.get(f"{scheme}://127.0.0.1/etc/passwd", timeout=1)


def test_a_request_is_never_sent_twice(session: requests.Session, receiver: Receiver) -> None:
    """A server may have acted before it hung up: a POST must not be sent twice."""
    receiver.reply = None
    for _ in range(2):
        with pytest.raises(NetworkError):
            post(session, receiver.url())
    assert len(receiver.got) == 2


DRIP = forever(first=b"HTTP/1.1 200 OK\r\n", block=b"X: y\r\n", pause=0.05)
ENDLESS = forever(first=b"HTTP/1.1 200 OK\r\n", block=b"X-More: " + b"x" * 1000 + b"\r\n")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (then_hang(), Stalled),
        (DRIP, Stalled),
        (ENDLESS, BadResponse),
        (b"SSH-2.0\r\n\r\n", BadResponse),
    ],
    ids=["silent", "drips", "endless", "no-http"],
)
def test_a_head_that_does_not_come(
    session: requests.Session, receiver: Receiver, said: Any, error: type[Exception]
) -> None:
    receiver.reply = said
    with pytest.raises(error):
        post(session, receiver.url(), timeout=3 if error is BadResponse else 0.5)


def test_a_body_that_drips_ends_in_time(session: requests.Session, receiver: Receiver) -> None:
    """Each byte comes in time, all of them never."""
    receiver.reply = forever(
        first=b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", block=b"a", pause=0.05
    )
    with pytest.raises(Stalled):
        post(session, receiver.url())


def test_a_body_has_a_largest_size(
    session: requests.Session, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests_adapter, "MAX_BODY", 100_000)
    receiver.reply = forever(first=b"HTTP/1.1 200 OK\r\n\r\n", block=b"a" * 65536)
    with pytest.raises(BadResponse):
        post(session, receiver.url())


def test_a_body_that_is_read_in_parts(session: requests.Session, receiver: Receiver) -> None:
    receiver.reply = forever(first=b"HTTP/1.1 200 OK\r\n\r\n", block=b"a" * 65536)
    with post(session, receiver.url(), stream=True) as got:
        assert got.raw.read(10) == b"a" * 10


def test_a_server_that_takes_no_body_holds_no_thread(
    session: requests.Session, receiver: Receiver
) -> None:
    """The request is larger than what the other side's kernel takes unread."""
    receiver.reads = False
    with pytest.raises(Stalled):
        session.post(receiver.url(), data=b"a" * 2**25, timeout=0.5)


def test_what_the_job_is_told_ends_a_call(receiver: Receiver) -> None:
    stop = StopToken()
    stop.stop(StopReason.SHUTDOWN)
    with guarded_session(LOOPBACK, stop=stop) as session, pytest.raises(Stopped):
        post(session, receiver.url())


def test_cookies_are_kept_by_the_clients_own_rules(
    session: requests.Session, receiver: Receiver
) -> None:
    receiver.reply = respond(status="200 OK", Set_Cookie="a=1; Path=/here")
    session.get(receiver.url("/here/x"), timeout=30)
    session.get(receiver.url("/here/y"), timeout=30)
    session.get(receiver.url("/elsewhere"), timeout=30)
    assert [got.headers.get("cookie") for got in receiver.got] == [None, "a=1", None]


def test_nothing_goes_round_the_client(
    session: requests.Session, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert post(session, receiver.url()).status_code == 204
    for option in ({"verify": False}, {"proxies": {"http": "http://127.0.0.1:1"}}, {"cert": "a"}):
        with pytest.raises(ValueError, match="client"):
            post(session, receiver.url(), **option)


def test_head_has_no_body(session: requests.Session, receiver: Receiver) -> None:
    receiver.reply = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
    got = session.head(receiver.url(), timeout=30)
    assert (got.status_code, got.content) == (200, b"")


@pytest.mark.parametrize("name", ["X-A: b\r\nX-C", "X A"])
def test_a_header_cannot_end_a_line(
    session: requests.Session, receiver: Receiver, name: str
) -> None:
    with pytest.raises((UnsupportedURL, requests.exceptions.InvalidHeader)):
        post(session, receiver.url(), headers={name: "d"})
    assert receiver.got == []
