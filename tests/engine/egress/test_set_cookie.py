"""Set-Cookie, taken apart as browsers do (RFC 6265bis, section 5.6)."""

from __future__ import annotations

import pytest

from downloads.engine.egress.set_cookie import SetCookie, parse_set_cookie

NOW = 1_000_000_000.0
YEAR = 365 * 24 * 3600


@pytest.mark.parametrize(
    ("text", "cookie"),
    [
        ("a=b", SetCookie("a", "b")),
        (" a = b ; x", SetCookie("a", "b")),
        ("a=b=c", SetCookie("a", "b=c")),
        ('a="b c"', SetCookie("a", '"b c"')),
        ("a=", SetCookie("a", "")),
        ("=b", SetCookie("", "b")),
        ("b", SetCookie("", "b")),
        ("a=b,c=d", SetCookie("a", "b,c=d")),
        ("a=b\tc", SetCookie("a", "b\tc")),
        ("a=\xc3\xbc", SetCookie("a", "\xc3\xbc")),
        ("a=b; Secure; HttpOnly; SameSite=None; Partitioned", SetCookie("a", "b", secure=True)),
        ("a=b;secure=false", SetCookie("a", "b", secure=True)),
        ("a=b; Domain=.Example.COM", SetCookie("a", "b", domain="example.com")),
        ("a=b; domain=x.test; DOMAIN=y.test", SetCookie("a", "b", domain="y.test")),
        ("a=b; domain=", SetCookie("a", "b")),
        ("a=b; path=/x; Path=/y", SetCookie("a", "b", path="/y")),
        ("a=b; path=/x; Path=y", SetCookie("a", "b")),
        ("a=b; path=" + "/" * 1025, SetCookie("a", "b")),
        ("a=b; Max-Age=60", SetCookie("a", "b", expires=NOW + 60)),
        ("a=b; Max-Age=0", SetCookie("a", "b", expires=0.0)),
        ("a=b; Max-Age=-1", SetCookie("a", "b", expires=0.0)),
        ("a=b; Max-Age=" + "9" * 900, SetCookie("a", "b", expires=NOW + 400 * 24 * 3600)),
        ("a=b; Max-Age=1.5", SetCookie("a", "b")),
        ("a=b; Max-Age=+60", SetCookie("a", "b")),
        ("a=b; Max-Age=60; Max-Age=x", SetCookie("a", "b", expires=NOW + 60)),
        ("a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT", SetCookie("a", "b", expires=0)),
        ("a=b; Expires=Sun, 09-Sep-01 01:47:40 GMT", SetCookie("a", "b", expires=NOW + 60)),
        (
            "a=b; Expires=Sun, 09-Sep-01 01:47:40 GMT; Max-Age=9",
            SetCookie("a", "b", expires=NOW + 9),
        ),
        ("a=b; Expires=soon", SetCookie("a", "b")),
        ("__Secure-a=b; Secure", SetCookie("__Secure-a", "b", secure=True)),
        ("__Host-a=b; Secure; Path=/", SetCookie("__Host-a", "b", path="/", secure=True)),
    ],
)
def test_taken(text: str, cookie: SetCookie) -> None:
    assert parse_set_cookie(text, NOW) == cookie


@pytest.mark.parametrize(
    "text",
    [
        "",
        "=",
        " ; path=/",
        "a=b\x01",
        "a\x7f=b",
        "a=b; path=/\x1f",
        "a=" + "b" * 4096,
        "__Secure-a=b",
        "__secure-a=b",
        "__Host-a=b; Path=/",
        "__Host-a=b; Secure",
        "__Host-a=b; Secure; Path=/x",
        "__HOST-a=b; Secure; Path=/; Domain=x.test",
        "__Host-a; Secure; Path=/",
        "=__Secure-a=b; Secure",
    ],
)
def test_not_taken(text: str) -> None:
    assert parse_set_cookie(text, NOW) is None


def test_no_value_is_shown() -> None:
    assert "secret" not in repr(parse_set_cookie("a=secret", NOW))
