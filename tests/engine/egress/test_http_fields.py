"""The meaning of statuses and headers."""

from __future__ import annotations

import pytest

from downloads.engine.core.errors import BadResponse, DownloadError
from downloads.engine.egress.http_fields import (
    ContentLength,
    ContentRange,
    error_for_status,
    http_date,
    parse_content_length,
    parse_content_range,
    parse_unsatisfied,
    retry_after,
    strong_etag,
)


@pytest.mark.parametrize(
    ("status", "code", "permanent"),
    [
        (400, "unavailable", True),
        (401, "login_required", True),
        (403, "unavailable", True),
        (404, "unavailable", True),
        (405, "unavailable", True),
        (407, "login_required", True),
        (408, "network", False),
        (410, "unavailable", True),
        (412, "source_changed", False),
        (416, "source_changed", False),
        (425, "bad_response", False),
        (429, "rate_limited", False),
        (451, "geo_blocked", True),
        (500, "bad_response", False),
        (502, "bad_response", False),
        (503, "bad_response", False),
        (504, "network", False),
        (204, "bad_response", False),
        (304, "bad_response", False),
        (999, "bad_response", False),
    ],
)
def test_each_status_has_its_error(status: int, code: str, permanent: bool) -> None:
    error = error_for_status(status, {})
    assert isinstance(error, DownloadError)
    assert (error.code, error.permanent) == (code, permanent)
    assert error.message.endswith(".")


@pytest.mark.parametrize("status", [200, 206])
def test_a_useful_status_has_none(status: int) -> None:
    assert error_for_status(status, {}) is None


def test_503_with_retry_after_asks_us_to_slow_down() -> None:
    error = error_for_status(503, {"Retry-After": "7"})
    assert error is not None
    assert (error.code, error.retry_after) == ("rate_limited", 7.0)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("9999999999999999999", 3600.0),
        ("Thu, 01 Jan 1970 00:02:00 GMT", 60.0),
        ("Thu, 01 Jan 1970 00:00:30 GMT", 0.0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 3600.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_bounded(
    value: str | None, seconds: float | None
) -> None:
    assert retry_after(value, now=60.0) == seconds


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bytes 0-0/1", ContentRange(0, 1, 1)),
        ("bytes 5-9/*", ContentRange(5, 10, None)),
        ("Bytes  5-9/10 ", ContentRange(5, 10, 10)),
        ("bytes 5-9/9", None),
        ("bytes 9-5/10", None),
        ("bytes=5-9/10", None),
        ("bytes 5-/10", None),
        ("bytes 5-9", None),
        ("bytes */10", None),
        ("bytes \u0661-\u0662/9", None),
        ("bytes 0-99999999999999999999/*", None),
    ],
)
def test_content_range_is_read_strictly(value: str, expected: ContentRange | None) -> None:
    assert parse_content_range(value) == expected


def test_an_unsatisfied_range_tells_the_size() -> None:
    assert parse_unsatisfied("bytes */1234") == 1234
    assert parse_unsatisfied("bytes 0-1/2") is None


@pytest.mark.parametrize("values", [["1", "2"], ["1, 2"], ["1.5"], ["0x1"], ["-1"], ["\u0661"]])
def test_a_senseless_content_length_is_an_error(values: list[str]) -> None:
    with pytest.raises(BadResponse):
        parse_content_length(values)


def test_content_length() -> None:
    assert parse_content_length([]) == ContentLength(None)
    assert parse_content_length(["7", "7, 7"]) == ContentLength(7)
    assert parse_content_length(["word"]) == ContentLength(None, odd=True)


@pytest.mark.parametrize(
    ("value", "strong"),
    [('"a"', True), ('""', True), ('W/"a"', False), ("a", False), ('"a', False), ('"a" "b"', False),
     ('"a\x00b"', False), ("", False), (None, False), ('"' + "a" * 2000 + '"', False)],
)  # fmt: skip
def test_only_a_strong_etag_counts(value: str | None, strong: bool) -> None:
    assert strong_etag(value) == (value if strong else None)


def test_a_date_is_kept_as_it_was_sent() -> None:
    assert http_date("Mon, 01 Jan 2024 00:00:00 GMT") == "Mon, 01 Jan 2024 00:00:00 GMT"
    assert http_date("Thu, 31 Feb 2024 00:00:00 GMT") is None
    assert http_date("Monday, 01-Jan-24 00:00:00 GMT") == "Monday, 01-Jan-24 00:00:00 GMT"
    assert http_date("never") is None
    assert http_date("Mon, 01 Jan 2024 00:00:00 GMT\r\nX: y") is None
