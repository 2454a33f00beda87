"""One GET: what is asked, what is followed, what is kept open."""

from __future__ import annotations

import base64
import gzip
import socket
import threading
import time
from collections.abc import Callable

import pytest

from downloads.engine.core.errors import (
    BadResponse,
    NetworkError,
    SourceChanged,
    TooManyRedirects,
    Unavailable,
    UnsupportedURL,
)
from downloads.engine.core.media import Validators
from downloads.engine.egress.acceptance import OddPartial
from downloads.engine.egress.client import Client, Limits
from downloads.engine.egress.http_fields import ContentRange
from tests.engine.egress.conftest import read_all
from tests.support.answers import redirect, respond, then_close
from tests.support.origin import Origin
from tests.support.request import Request

PARTIAL = "206 Partial Content"


def test_a_whole_file(client: Client, origin: Origin) -> None:
    origin.answers["/f?a=1"] = respond(
        b"hello", ETag='"v1"', Last_Modified="Mon, 01 Jan 2024 00:00:00 GMT"
    )
    with client.get(origin.url("/f?a=1#part")) as response:
        assert response.status == 200
        assert response.url == origin.url("/f?a=1")
        assert response.address == ("127.0.0.1", origin.port)
        assert response.validators == Validators('"v1"', "Mon, 01 Jan 2024 00:00:00 GMT", 5)
        assert response.headers["content-length"] == "5"
        assert (response.accepts_ranges, response.coded, response.chunked) == (False,) * 3
        assert read_all(response) == b"hello"
    sent = origin.log[0].headers
    assert sent["accept-encoding"] == "identity"
    assert sent["host"] == f"127.0.0.1:{origin.port}"
    assert "range" not in sent


@pytest.mark.parametrize(
    ("start", "end", "sent"), [(0, None, "bytes=0-"), (5, 9, "bytes=5-8"), (7, None, "bytes=7-")]
)
def test_a_range_is_asked_for(
    start: int, end: int | None, sent: str, client: Client, origin: Origin
) -> None:
    last = 9 if end is None else end - 1
    origin.answers["/"] = respond(
        b"0123456789"[start : last + 1], status=PARTIAL, Content_Range=f"bytes {start}-{last}/10"
    )
    with client.get(origin.url(), start=start, end=end, if_range='"v1"') as response:
        assert response.content_range == ContentRange(start, last + 1, 10)
        assert response.accepts_ranges
        assert response.validators.size == 10
        assert read_all(response) == b"0123456789"[start : last + 1]
    assert origin.log[0].headers["range"] == sent
    assert origin.log[0].headers["if-range"] == '"v1"'


@pytest.mark.parametrize(
    ("content_range", "length"),
    [
        ("bytes 4-8/10", 5),
        ("bytes 6-8/10", 3),
        ("bytes 5-9/10", 5),
        ("bytes 5-8/8", 4),
        ("bytes 8-5/10", 4),
        ("5-8/10", 4),
        ("", 4),
        ("bytes 5-8/10, bytes 9-9/10", 5),
        ("items 5-8/10", 4),
        ("bytes 5-8/-1", 4),
        ("bytes */10", 4),
    ],
)
def test_another_range_than_asked_for_is_never_taken(
    content_range: str, length: int, client: Client, origin: Origin
) -> None:
    origin.answers["/"] = respond(bytes(length), status=PARTIAL, Content_Range=content_range)
    with pytest.raises(BadResponse):
        client.get(origin.url(), start=5, end=9)


def test_an_unasked_206_holds_the_whole_file(client: Client, origin: Origin) -> None:
    """whatwg/fetch#560"""
    origin.answers["/"] = respond(b"01", status=PARTIAL, Content_Range="bytes 0-1/2")
    with client.get(origin.url()) as response:
        assert read_all(response) == b"01"


@pytest.mark.parametrize("span", ["bytes 0-1/3", "bytes 1-2/3", "bytes 0-1/*", "", "bytes 0-1/2x"])
def test_an_unasked_206_of_a_part_is_refused(client: Client, origin: Origin, span: str) -> None:
    origin.answers["/"] = respond(b"01", status=PARTIAL, Content_Range=span)
    with pytest.raises(OddPartial):
        client.get(origin.url())


def test_content_length_must_agree_with_content_range(client: Client, origin: Origin) -> None:
    origin.answers["/"] = respond(b"012", status=PARTIAL, Content_Range="bytes 0-1/2")
    with pytest.raises(OddPartial, match=r"HTTP 206 from 127\.0\.0\.1"):
        client.get(origin.url(), start=0)


def test_416_tells_the_size(client: Client, origin: Origin) -> None:
    origin.answers["/"] = respond(
        b"no", status="416 Range Not Satisfiable", Content_Range="bytes */0"
    )
    with client.get(origin.url(), start=0) as response:
        assert response.status == 416
        assert response.validators.size == 0
    with pytest.raises(SourceChanged):
        client.get(origin.url())


def test_a_weak_etag_is_no_validator(client: Client, origin: Origin) -> None:
    origin.answers["/"] = respond(b"x", ETag='W/"v1"', Last_Modified="yesterday")
    with client.get(origin.url()) as response:
        assert response.validators == Validators(size=1)


def test_the_length_of_an_encoded_body_is_not_the_files_size(
    client: Client, origin: Origin
) -> None:
    origin.answers["/"] = respond(gzip.compress(b"hello"), Content_Encoding="gzip")
    with client.get(origin.url()) as response:
        assert response.coded
        assert response.validators.size is None
        assert read_all(response) == b"hello"


def test_accept_ranges_alone_proves_nothing(client: Client, origin: Origin) -> None:
    origin.answers["/"] = respond(b"x", Accept_Ranges="bytes")
    with client.get(origin.url(), start=0) as response:
        assert not response.accepts_ranges


def test_an_error_status_is_raised(client: Client, origin: Origin) -> None:
    origin.answers["/"] = respond(status="404 Not Found")
    with pytest.raises(Unavailable):
        client.get(origin.url())


@pytest.mark.parametrize("status", ["301 M", "302 F", "303 S", "307 T", "308 P"])
@pytest.mark.parametrize("location", ["/b c/\u00fc", "b%20c/%C3%BC", "./x/../b%20c/%C3%BC#frag"])
def test_a_redirect_is_followed(status: str, location: str, client: Client, origin: Origin) -> None:
    origin.answers["/"] = redirect(location.encode().decode("latin-1"), status)
    origin.answers["/b%20c/%C3%BC"] = respond(b"there")
    with client.get(origin.url(), start=0) as response:
        assert read_all(response) == b"there"
        assert response.url == origin.url("/b%20c/%C3%BC")
    assert origin.log[1].headers["range"] == "bytes=0-"


def test_ten_redirects_and_no_more(client: Client, origin: Origin) -> None:
    for hop in range(12):
        origin.answers[f"/{hop}"] = redirect(f"/{hop + 1}")
    origin.answers["/12"] = respond(b"end")
    client.get(origin.url("/2")).close()
    with pytest.raises(TooManyRedirects):
        client.get(origin.url("/1"))


def test_a_redirect_to_itself_ends(client: Client, origin: Origin) -> None:
    origin.answers["/"] = redirect("/")
    with pytest.raises(TooManyRedirects):
        client.get(origin.url())
    assert len(origin.log) == 11


def test_secrets_stay_with_their_origin(origin: Origin, allow: Callable[..., Client]) -> None:
    with Origin({"/there": respond(b"x")}) as other:
        origin.answers["/"] = redirect("/same")
        origin.answers["/same"] = redirect(other.url("/there"))
        headers = [("Authorization", "Bearer t"), ("Cookie", "c=1"), ("X-Kept", "yes")]
        with allow(origin, other).get(origin.url(), headers=headers) as response:
            assert response.sent_headers == (("X-Kept", "yes"),)
    for request in origin.log:
        assert request.headers["authorization"] == "Bearer t"
        assert request.headers["cookie"] == "c=1"
    (crossed,) = other.log
    assert "authorization" not in crossed.headers
    assert "cookie" not in crossed.headers
    assert crossed.headers["x-kept"] == "yes"


def test_credentials_in_the_url_are_basic_auth(client: Client, origin: Origin) -> None:
    origin.answers["/"] = respond(b"x")
    url = origin.url().replace("://", "://al%69ce:p%40ss@")
    with client.get(url) as response:
        assert response.url == origin.url()
    token = origin.log[0].headers["authorization"].removeprefix("Basic ")
    assert base64.b64decode(token) == b"alice:p@ss"


def test_callers_do_not_decide_framing(client: Client, origin: Origin) -> None:
    origin.answers["/"] = respond(b"x")
    asked = [("Host", "evil"), ("Range", "bytes=9-"), ("accept-encoding", "gzip"), ("Referer", "r")]
    client.get(origin.url(), headers=asked).close()
    sent = origin.log[0].headers
    assert (sent["host"], sent["accept-encoding"], sent["referer"]) == (
        f"127.0.0.1:{origin.port}",
        "identity",
        "r",
    )
    assert "range" not in sent


@pytest.mark.parametrize("header", [("X", "a\r\nY: b"), ("X\r\nY", "a"), ("X", "a\x00"), ("", "a")])
def test_headers_cannot_be_split(header: tuple[str, str], client: Client, origin: Origin) -> None:
    with pytest.raises(UnsupportedURL, match="header"):
        client.get(origin.url(), headers=[header])
    assert origin.connections == 0


def test_the_environments_proxy_is_not_asked(
    client: Client, origin: Origin, canary: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", canary.url())
    origin.answers["/"] = respond(b"x")
    client.get(origin.url()).close()
    assert origin.connections == 1


def test_a_connection_is_used_again(client: Client, origin: Origin) -> None:
    origin.answers["/"] = respond(b"x")
    origin.answers["/chunked"] = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;ext\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )
    for _ in range(2):
        assert read_all(client.get(origin.url())) == b"x"
        assert read_all(client.get(origin.url("/chunked"))) == b"abcde"
    assert origin.connections == 1


def test_a_body_given_up_closes_its_connection(client: Client, origin: Origin) -> None:
    origin.answers["/"] = respond(b"x")
    client.get(origin.url()).close()
    client.get(origin.url()).close()
    assert origin.connections == 2


def test_a_kept_connection_that_went_stale_is_replaced(client: Client, origin: Origin) -> None:
    origin.answers["/"] = respond(b"x")
    origin.answers["/gone"] = lambda request, sock: None
    read_all(client.get(origin.url()))
    origin.hang_up()
    assert read_all(client.get(origin.url())) == b"x"
    assert origin.connections == 2


def test_an_unrequested_answer_is_not_the_next_one(client: Client, origin: Origin) -> None:
    more = threading.Event()

    def answer_twice(request: Request, sock: socket.socket) -> None:
        sock.sendall(respond(b"first"))
        more.wait(10)
        sock.sendall(respond(b"stray"))

    origin.answers = {"/": answer_twice, "/next": respond(b"next")}
    assert read_all(client.get(origin.url())) == b"first"
    more.set()
    ((_, idle),) = client._pool._idle
    while not idle.dropped:
        time.sleep(0.001)
    assert read_all(client.get(origin.url("/next"))) == b"next"


def test_a_source_that_hangs_up_is_asked_once_more_only_on_a_kept_connection(
    client: Client, origin: Origin
) -> None:
    origin.answers = {"/": respond(b"x"), "/silent": None}
    read_all(client.get(origin.url()))
    with pytest.raises(NetworkError):
        client.get(origin.url("/silent"))
    assert [request.path for request in origin.log] == ["/", "/silent", "/silent"]
    with pytest.raises(NetworkError):
        client.get(origin.url("/silent"))
    assert len(origin.log) == 4


def test_until_the_end_of_the_connection(client: Client, origin: Origin) -> None:
    origin.answers["/"] = then_close(b"HTTP/1.0 200 OK\r\n\r\n" + b"z" * 100_000)
    with client.get(origin.url()) as response:
        assert response.length is None
        assert read_all(response) == b"z" * 100_000


def test_an_answer_is_parked_and_taken_once(client: Client, origin: Origin) -> None:
    origin.answers["/"] = redirect("/f")
    origin.answers["/f"] = respond(b"hello")
    response = client.get(origin.url(), headers=[("X-A", "1")])
    assert response.peek(3) == b"hel"
    client.parked.put(response)
    assert client.parked.take(response.url) is None
    assert client.parked.take(origin.url("/g"), [("X-A", "1")]) is None
    assert client.parked.take(response.url, [("x-a", "1")]) is response
    assert client.parked.take(response.url, [("X-A", "1")]) is None
    assert read_all(response) == b"hello"


def test_closing_the_client_closes_what_is_parked(client: Client, origin: Origin) -> None:
    origin.answers["/"] = respond(b"hello")
    client.parked.put(client.get(origin.url()))
    client.close()
    assert client.parked.take(origin.url()) is None
    with pytest.raises(NetworkError):
        client.get(origin.url())


def test_limits_have_the_contracts_number_of_redirects() -> None:
    assert Limits().max_redirects == 10
