"""The bytes that a request asks for: RFC 9110, section 14, as a table; and over the wire."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloads.delivery.ranges import Unsatisfiable, if_range_holds, requested_range
from downloads.engine.core.byte_range import ByteRange
from tests.delivery.files import BYTES, completed, fetch_file

WHOLE = None
NONE = "unsatisfiable"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, WHOLE),
        ("", WHOLE),
        ("bytes=0-", ByteRange(0, 1000)),
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=0-999", ByteRange(0, 1000)),
        ("bytes=0-1000", ByteRange(0, 1000)),
        ("bytes=500-9999999", ByteRange(500, 1000)),
        ("bytes=999-", ByteRange(999, 1000)),
        ("bytes=1000-", NONE),
        ("bytes=1000-2000", NONE),
        ("bytes=-1", ByteRange(999, 1000)),
        ("bytes=-1000", ByteRange(0, 1000)),
        ("bytes=-5000", ByteRange(0, 1000)),
        ("bytes=-0", NONE),
        ("Bytes=0-1", ByteRange(0, 2)),
        (" bytes=0-1 ", ByteRange(0, 2)),
        ("bytes=00-01", ByteRange(0, 2)),
        ("bytes=5-4", WHOLE),
        ("bytes=-", WHOLE),
        ("bytes=a-b", WHOLE),
        ("bytes=1", WHOLE),
        ("bytes=--1", WHOLE),
        ("bytes=0-1,3-4", WHOLE),
        ("bytes=0-1,", WHOLE),
        ("items=0-1", WHOLE),
        ("bytes=\u0661-\u0662", WHOLE),
        ("bytes=" + "9" * 5000 + "-", NONE),
        ("bytes=0-" + "9" * 5000, ByteRange(0, 1000)),
        ("bytes=-" + "9" * 5000, ByteRange(0, 1000)),
    ],
)
def test_the_table(header: str | None, expected: ByteRange | str | None) -> None:
    if expected == NONE:
        with pytest.raises(Unsatisfiable):
            requested_range(header, 1000)
    else:
        assert requested_range(header, 1000) == expected


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=5-"])
def test_an_empty_file_has_no_parts(header: str) -> None:
    assert requested_range(header, 0) is None


@given(st.text(max_size=40), st.integers(0, 2**63))
def test_whatever_is_asked_lies_within_the_file(header: str, size: int) -> None:
    try:
        span = requested_range(f"bytes={header}", size)
    except Unsatisfiable:
        return
    if span is not None:
        assert span.start >= 0
        assert span.size > 0
        assert span.end <= size


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, True),
        ('"abc"', True),
        ('"other"', False),
        ('W/"abc"', False),
        ("abc", False),
        ("Fri, 01 Mar 2024 12:00:00 GMT", True),
        ("Fri, 01 Mar 2024 12:00:01 GMT", False),
        ("Fri, 01 Mar 2024 11:59:59 GMT", False),
        ("yesterday", False),
    ],
)
def test_if_range(header: str | None, expected: bool) -> None:
    assert if_range_holds(header, etag='"abc"', last_modified=1709294400) is expected


def test_if_range_without_validators_never_holds() -> None:
    assert not if_range_holds('"abc"', etag=None, last_modified=None)
    assert not if_range_holds("yesterday", etag=None, last_modified=None)


@pytest.mark.django_db
class TestOverTheWire:
    @pytest.fixture(autouse=True)
    def _media(self, media: Path) -> None:
        self.download = completed()

    def test_the_whole_file(self) -> None:
        answer = fetch_file(self.download)
        assert (answer.status, answer.body) == (200, BYTES)
        assert answer.headers["Content-Length"] == "1024"
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert "Content-Range" not in answer.headers

    def test_a_part(self) -> None:
        answer = fetch_file(self.download, Range="bytes=100-299")
        assert (answer.status, answer.body) == (206, BYTES[100:300])
        assert answer.headers["Content-Range"] == "bytes 100-299/1024"
        assert answer.headers["Content-Length"] == "200"

    def test_beyond_the_end(self) -> None:
        answer = fetch_file(self.download, Range="bytes=1024-")
        assert (answer.status, answer.body) == (416, b"")
        assert answer.headers["Content-Range"] == "bytes */1024"

    def test_several_parts_are_answered_with_the_whole(self) -> None:
        answer = fetch_file(self.download, Range="bytes=0-1,5-6")
        assert (answer.status, answer.body) == (200, BYTES)

    def test_if_range_of_this_version(self) -> None:
        etag = fetch_file(self.download).headers["ETag"]
        assert fetch_file(self.download, Range="bytes=0-1", If_Range=etag).status == 206

    def test_if_range_of_another_version(self) -> None:
        answer = fetch_file(self.download, Range="bytes=0-1", If_Range='"other"')
        assert (answer.status, answer.body) == (200, BYTES)

    def test_head_ignores_range(self) -> None:
        answer = fetch_file(self.download, "HEAD", Range="bytes=0-1")
        assert (answer.status, answer.body) == (200, b"")
        assert answer.headers["Content-Length"] == "1024"
