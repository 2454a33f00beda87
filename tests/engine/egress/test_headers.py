"""Headers that may be sent, and headers that are kept."""

from __future__ import annotations

from downloads.engine.egress.headers import with_cookies, without_cookies


def test_no_cookie_is_kept_of_a_stream() -> None:
    stream = {"url": "https://a.io/", "headers": [["Referer", "x"], ["cookie", "s=1"]]}
    kept = without_cookies({"selection": {"formats": [{"stream": stream}], "n": 1}})
    assert kept["selection"]["formats"][0]["stream"] == {
        "url": "https://a.io/",
        "headers": [["Referer", "x"]],
    }
    assert kept["selection"]["n"] == 1


def test_cookies_are_one_header() -> None:
    headers = with_cookies((("Cookie", "a=1"), ("X", "y"), ("cookie", "b=2")), "b=3; c=4")
    assert headers == (("X", "y"), ("Cookie", "a=1; b=2; c=4"))
