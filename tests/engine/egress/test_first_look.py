"""The ladder of first looks: what a source refuses one way is asked for another, once each."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable

import pytest

from downloads.engine.core.errors import (
    BadResponse,
    DownloadError,
    ExpiredLink,
    LoginRequired,
    NetworkError,
    RateLimited,
    Unavailable,
)
from downloads.engine.egress.acceptance import OddPartial
from downloads.engine.egress.client import Client
from downloads.engine.egress.first_look import open_file, open_part
from tests.engine.egress.conftest import read_all
from tests.support.answers import redirect, respond
from tests.support.origin import Origin
from tests.support.request import Reply, Request

BODY = bytes(range(256)) * 4
PARTIAL = "206 Partial Content"
Answer = Callable[[Request], bytes]


def by(answer: Answer) -> Reply:
    def reply(request: Request, sock: socket.socket) -> None:
        sock.sendall(answer(request))

    return reply


def unless(header: str, status: str, **headers: str) -> Reply:
    """``status`` to a request with this header, the body to one without."""
    return by(
        lambda request: (
            respond(b"no", status=status, **headers) if header in request.headers else respond(BODY)
        )
    )


def ways(origin: Origin) -> list[tuple[str | None, str | None]]:
    """The Range and the Referer of each request."""
    return [(one.headers.get("range"), one.headers.get("referer")) for one in origin.log]


@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 405, 410, 411, 416, 418, 451, 500, 501, 502, 503, 520]
)
def test_a_refusal_of_the_range(status: int, client: Client, origin: Origin) -> None:
    """bezzad/Downloader#220, AntennaPod/AntennaPod#2550"""
    origin.answers["/f"] = unless("range", f"{status} No")
    for _ in range(2):
        with open_file(client, origin.url("/f")) as response:
            assert read_all(response) == BODY
            assert not response.accepts_ranges
    assert ways(origin) == [("bytes=0-", None), (None, None), (None, None)]


def test_a_source_that_hangs_up_on_a_range(client: Client, origin: Origin) -> None:
    def reply(request: Request, sock: socket.socket) -> None:
        if "range" in request.headers:
            sock.shutdown(socket.SHUT_RDWR)
        else:
            sock.sendall(respond(BODY))

    origin.answers["/f"] = reply
    with open_file(client, origin.url("/f")) as response:
        assert read_all(response) == BODY
    assert ways(origin) == [("bytes=0-", None), (None, None)]


def test_a_source_that_hangs_up_on_anything(client: Client, origin: Origin) -> None:
    origin.answers["/f"] = None
    with pytest.raises(NetworkError):
        open_file(client, origin.url("/f"))
    assert len(origin.log) == 2


def test_behind_a_redirect_it_is_remembered_for_both(client: Client, origin: Origin) -> None:
    origin.answers["/f"] = redirect("/g")
    origin.answers["/g"] = unless("range", "403 No")
    for path in ("/f", "/g"):
        with open_file(client, origin.url(path)) as response:
            assert read_all(response) == BODY
    assert [(one.path, "range" in one.headers) for one in origin.log] == [
        ("/f", True), ("/g", True), ("/f", False), ("/g", False), ("/g", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        ("429 Slow", {}, RateLimited),
        ("503 Busy", {"Retry_After": "5"}, RateLimited),
        ("500 Busy", {"Retry_After": "5"}, BadResponse),
        ("407 Who", {}, LoginRequired),
        ("509 Enough", {}, RateLimited),
    ],
)
def test_what_is_not_of_the_range_is_not_asked_again(
    status: str, headers: dict[str, str], error: type[DownloadError],
    client: Client, origin: Origin,
) -> None:  # fmt: skip
    origin.answers["/"] = respond(status=status, **headers)
    with pytest.raises(error):
        open_file(client, origin.url())
    assert len(origin.log) == 1


def test_the_first_refusal_is_told_and_all_are_in_the_detail(
    client: Client, origin: Origin
) -> None:
    def answer(request: Request) -> bytes:
        return respond(status="500 Broken" if "range" in request.headers else "404 No")

    origin.answers["/"] = by(answer)
    with pytest.raises(BadResponse) as caught:
        open_file(client, origin.url())
    assert caught.value.detail == (
        "with a Range: HTTP 500 from 127.0.0.1; plainly: HTTP 404 from 127.0.0.1"
    )
    assert len(origin.log) == 2


def test_a_refusal_that_is_no_matter_of_the_range_is_not_asked_twice_again(
    client: Client, origin: Origin
) -> None:
    origin.answers["/"] = respond(status="500 Broken")
    for _ in range(3):
        with pytest.raises(BadResponse):
            open_file(client, origin.url())
    assert [value for value, _ in ways(origin)] == ["bytes=0-", None, "bytes=0-", "bytes=0-"]


@pytest.mark.parametrize(
    "span",
    [
        "",
        "bytes 0-/1024",
        "bytes=0-1023/1024",
        "bytes 0-1024/1024",
        "0-1023/1024",
        "bytes 5-1023/1024",
        "bytes 0-1022/1024",
        "bytes 0-1023/*",
        "items 0-1023/1024",
        "bytes 0-1023/1024, bytes 0-1023/1024",
    ],
)
def test_a_206_that_makes_no_sense_is_asked_for_plainly(
    span: str, client: Client, origin: Origin
) -> None:
    """razzamatazm/mustarrd#146, httpie/cli#515, pydio/pydio-core#400"""
    origin.answers["/"] = unless("range", PARTIAL, Content_Range=span)
    with open_file(client, origin.url()) as response:
        assert read_all(response) == BODY


@pytest.mark.parametrize("span", ["", "bytes 0-1023/1024x", "bytes 0-9/1024", "bytes 9-1023/1024"])
def test_a_206_to_no_range_is_whole_or_refused(span: str, client: Client, origin: Origin) -> None:
    origin.answers["/"] = respond(BODY, status=PARTIAL, Content_Range=span)
    for opener in (open_file, open_part):
        with pytest.raises(OddPartial):
            opener(client, origin.url())


def test_byte_ranges_in_many_parts_are_asked_for_plainly(client: Client, origin: Origin) -> None:
    kind = "multipart/byteranges; boundary=x"
    origin.answers["/"] = unless("range", PARTIAL, Content_Type=kind)
    with open_file(client, origin.url()) as response:
        assert read_all(response) == BODY


@pytest.mark.parametrize(
    ("first", "end", "whole"),
    [(90, 210, False), (100, 300, False), (110, 210, True), (90, 190, True)],
)
def test_a_part_is_taken_where_it_holds_what_was_asked_for(
    first: int, end: int, whole: bool, client: Client, origin: Origin
) -> None:
    def answer(request: Request) -> bytes:
        if "range" not in request.headers:
            return respond(BODY)
        span = f"bytes {first}-{end - 1}/1024"
        return respond(BODY[first:end], status=PARTIAL, Content_Range=span)

    origin.answers["/"] = by(answer)
    with open_part(client, origin.url(), span=(100, 200)) as response:
        found = read_all(response)
    assert found == (BODY if whole else BODY[first:end])


def test_gzip_of_a_range_unfolds_to_exactly_that(client: Client, origin: Origin) -> None:
    def answer(request: Request) -> bytes:
        part = BODY[100:200] if "/right" in request.path else BODY[100:199]
        return respond(
            gzip.compress(part),
            status=PARTIAL,
            Content_Range="bytes 100-199/1024",
            Content_Encoding="gzip",
        )

    origin.answers["/right"] = origin.answers["/wrong"] = by(answer)
    with open_part(client, origin.url("/right"), span=(100, 200)) as response:
        assert (response.length, read_all(response)) == (100, BODY[100:200])
    with (
        open_part(client, origin.url("/wrong"), span=(100, 200)) as response,
        pytest.raises(BadResponse, match="another length"),
    ):
        read_all(response)


def test_a_range_of_a_coded_body_is_asked_for_plainly(client: Client, origin: Origin) -> None:
    coded = gzip.compress(BODY)

    def answer(request: Request) -> bytes:
        if "range" not in request.headers:
            return respond(coded, Content_Encoding="gzip")
        span = f"bytes 0-9/{len(coded)}"
        return respond(coded[:10], status=PARTIAL, Content_Range=span, Content_Encoding="gzip")

    origin.answers["/"] = by(answer)
    with open_part(client, origin.url(), span=(0, 10)) as response:
        assert read_all(response) == BODY


def test_a_tarball_is_saved_as_it_is_and_a_list_is_read(client: Client, origin: Origin) -> None:
    coded = gzip.compress(BODY)
    origin.answers["/x.tar.gz"] = respond(coded, Content_Encoding="x-gzip")
    with open_file(client, origin.url("/x.tar.gz")) as response:
        assert read_all(response) == coded
    with open_part(client, origin.url("/x.tar.gz")) as response:
        assert read_all(response) == BODY


def test_a_body_compressed_for_its_transfer(client: Client, origin: Origin) -> None:
    coded = gzip.compress(BODY)
    origin.answers["/x.gz"] = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
        % (len(coded), coded)
    )
    with open_file(client, origin.url("/x.gz")) as response:
        assert read_all(response) == BODY


# --- Referer --------------------------------------------------------------------------------------


def wants_referer(value: str) -> Reply:
    def answer(request: Request) -> bytes:
        right = request.headers.get("referer") == value
        return respond(BODY) if right else respond(status="403 No")

    return by(answer)


def test_what_is_forbidden_is_asked_for_with_a_referer(client: Client, origin: Origin) -> None:
    page = origin.url("/page?x=1")
    origin.answers["/a"] = origin.answers["/b"] = wants_referer(page)
    with open_part(client, origin.url("/a"), page=page) as response:
        assert read_all(response) == BODY
    with open_part(client, origin.url("/b"), page=page) as response:
        assert read_all(response) == BODY
    with open_part(client, origin.url("/b")) as response:
        assert read_all(response) == BODY
    assert ways(origin) == [(None, None), *[(None, page)] * 3]


def test_a_referer_in_vain_is_sent_once(client: Client, origin: Origin) -> None:
    page = origin.url("/page")
    for path in ("/a", "/b", "/a"):
        origin.answers[path] = respond(status="403 No")
        with pytest.raises(Unavailable):
            open_part(client, origin.url(path), page=page)
    assert ways(origin) == [(None, None), (None, page), (None, None), (None, None)]


def test_without_a_page_it_is_the_sources_own(client: Client, origin: Origin) -> None:
    origin.answers["/a"] = wants_referer(origin.url("/"))
    with open_file(client, origin.url("/a")) as response:
        assert read_all(response) == BODY
        assert ("Referer", origin.url("/")) in response.sent_headers
    assert ways(origin) == [("bytes=0-", None), (None, None), ("bytes=0-", origin.url("/"))]


def test_a_referer_that_is_given_stays(client: Client, origin: Origin) -> None:
    origin.answers["/a"] = respond(status="403 No")
    with pytest.raises(Unavailable):
        open_part(client, origin.url("/a"), headers=[("Referer", "http://x/")], page="http://y/")
    assert ways(origin) == [(None, "http://x/")]


# --- causes ---------------------------------------------------------------------------------------


def test_a_signature_that_has_run_out_is_an_expired_link(client: Client, origin: Origin) -> None:
    for status in ("403 Forbidden", "401 Unauthorized", "410 Gone", "400 Bad Request"):
        origin.answers["/f?Expires=1700000000&Signature=x"] = respond(status=status)
        with pytest.raises(ExpiredLink) as caught:
            open_part(client, origin.url("/f?Expires=1700000000&Signature=x"))
        assert status[:3] in caught.value.detail
        assert "expired" in caught.value.message
    later = f"/f?Expires={int(time.time()) + 600}&Signature=x"
    origin.answers[later] = respond(status="403 Forbidden")
    with pytest.raises(Unavailable):
        open_part(client, origin.url(later))


def test_each_refusal_has_its_sentence(client: Client, origin: Origin) -> None:
    said = set()
    for status in (401, 403, 404, 410, 451, 402, 500):
        origin.answers[f"/{status}"] = respond(status=f"{status} No")
        with pytest.raises(DownloadError) as caught:
            open_part(client, origin.url(f"/{status}"))
        assert f"HTTP {status} from 127.0.0.1" in caught.value.detail
        said.add(caught.value.message)
    assert len(said) == 7
