"""Cookies that sources set go back where a browser would send them (RFC 6265bis, 5.7 and 5.8)."""

from __future__ import annotations

import pytest

from downloads.engine.egress.cookie_jar import CookieJar
from downloads.engine.egress.cookies import Cookie
from downloads.engine.egress.target import parse

SITE = "https://www.film.example/a/b/list.m3u8?x=/y/z"


class Clock:
    now = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now


def sent(set_cookie: str, url: str, *, at: str = SITE) -> bool:
    jar = CookieJar()
    jar.keep(parse(at), [set_cookie])
    return bool(jar.cookies_for(parse(url)).set_here)


@pytest.mark.parametrize(
    ("set_cookie", "url", "goes"),
    [
        ("a=b", "https://www.film.example/a/b/1.ts", True),
        ("a=b", "https://www.film.example/a/b", True),
        ("a=b", "https://www.film.example/a/bc/1.ts", False),
        ("a=b", "https://www.film.example/a/", False),
        ("a=b; path=/", "https://www.film.example/", True),
        ("a=b; path=/", "https://www.film.example:8443/", True),
        ("a=b; path=/film", "https://www.film.example/film/1.ts", True),
        ("a=b; path=/film", "https://www.film.example/film?x", True),
        ("a=b; path=/film", "https://www.film.example/films/1.ts", False),
        ("a=b; path=/film/", "https://www.film.example/film", False),
        ("a=b; path=/", "https://film.example/", False),
        ("a=b; path=/", "https://x.www.film.example/", False),
        ("a=b; path=/; domain=film.example", "https://film.example/", True),
        ("a=b; path=/; domain=film.example", "https://cdn.film.example/", True),
        ("a=b; path=/; domain=film.example", "https://badfilm.example/", False),
        ("a=b; path=/; domain=www.film.example", "https://film.example/", False),
        ("a=b; path=/; domain=cdn.film.example", "https://cdn.film.example/", False),
        ("a=b; path=/; domain=example", "https://www.film.example/", False),
        ("a=b; path=/; domain=other.test", "https://other.test/", False),
        ("a=b; path=/; domain=film.ex\xe4mple", "https://www.film.example/", False),
        ("a=b; path=/; secure", "https://www.film.example/", True),
        ("a=b; path=/; secure", "http://www.film.example/", False),
        ("a=b; path=/", "http://www.film.example/", True),
        ("a=b; path=/; max-age=0", "https://www.film.example/", False),
    ],
)
def test_where_it_goes(set_cookie: str, url: str, goes: bool) -> None:
    assert sent(set_cookie, url) is goes


@pytest.mark.parametrize(
    ("host", "domain", "below"),
    [
        ("a.co.uk", "co.uk", None),
        ("a.b.co.uk", "b.co.uk", True),
        ("me.github.io", "github.io", None),
        ("github.io", "github.io", False),
        ("localhost", "localhost", False),
        ("127.0.0.1", "127.0.0.1", False),
        ("127.0.0.1", "0.0.1", None),
        ("a.corp", "corp", None),
        ("a.b.corp", "b.corp", True),
    ],
)
def test_a_public_suffix_gets_no_cookies(host: str, domain: str, below: bool | None) -> None:
    """``below`` None: not kept at all; else whether hosts below the domain get it."""
    set_cookie = f"a=b; domain={domain}"
    at = f"https://{host}/"
    assert sent(set_cookie, at, at=at) is (below is not None)
    assert sent(set_cookie, f"https://x.{domain}/", at=at) is bool(below)


@pytest.mark.parametrize(
    ("host", "kept"),
    [
        ("film.example", False),
        ("10.0.0.1", False),
        ("localhost", True),
        ("a.localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("[::1]", True),
    ],
)
def test_secure_over_http_only_on_this_host_itself(host: str, kept: bool) -> None:
    at = f"http://{host}:8080/"
    assert sent("a=b; Secure", at, at=at) is kept


def test_a_plain_connection_does_not_replace_a_secure_cookie() -> None:
    jar = CookieJar()
    jar.keep(parse("https://film.example/a/b"), ["a=good; secure; domain=film.example; path=/a"])
    plain = parse("http://www.film.example/a/b")
    jar.keep(plain, ["a=evil; path=/a/b", "a=evil; domain=film.example; path=/a", "b=2; path=/a"])
    jar.keep(plain, ["a=elsewhere; path=/"])
    assert jar.cookies_for(parse("https://www.film.example/a/b")).set_here == (
        "a=good; b=2; a=elsewhere"
    )


def test_the_order_and_a_replacement() -> None:
    jar = CookieJar()
    at = parse("https://film.example/a/b/c")
    jar.keep(at, ["a=1; path=/", "b=2; path=/a/b", "c=3; path=/", "=4; path=/", "d; path=/"])
    jar.keep(at, ["a=5; path=/", "c=; path=/; max-age=-1"])
    assert jar.cookies_for(at).set_here == "b=2; d; a=5"


def test_one_of_the_users_is_replaced_by_its_equal_alone() -> None:
    given = [Cookie("film.example", "a", "1", host_only=True), Cookie("film.example", "b", "2")]
    jar = CookieJar(given)
    at = parse("https://film.example/")
    jar.keep(at, ["a=3", "b=4"])
    assert jar.cookies_for(at) == ("b=2", "a=3; b=4")


def test_it_expires() -> None:
    clock = Clock()
    jar = CookieJar(clock=clock)
    at = parse(SITE)
    jar.keep(at, ["a=1; max-age=60", "b=2"])
    clock.now += 61
    assert jar.cookies_for(at).set_here == "b=2"


def test_numbers_are_bounded() -> None:
    jar = CookieJar([Cookie("film.example", f"u{n}", "1") for n in range(300)])
    for host in range(20):
        at = parse(f"https://h{host}.film.example/")
        for _ in range(3):
            jar.keep(at, [f"c{n}=1; domain=h{host}.film.example" for n in range(300)])
        values = jar.cookies_for(at)
        assert len(values.set_here.split("; ")) == 180
        assert len(values.given.split("; ")) == 300
    kept = [jar.cookies_for(parse(f"https://h{host}.film.example/")) for host in range(20)]
    assert sum(len(one.set_here.split("; ")) for one in kept if one.set_here) == 1000


def test_the_size_of_a_request_is_bounded() -> None:
    jar, at = CookieJar(), parse("https://film.example/")
    jar.keep(at, [f"c{n}={'x' * 4000}" for n in range(100)])
    assert len(jar.cookies_for(at).set_here) < 64 * 1024


def test_no_value_is_shown() -> None:
    jar, at = CookieJar(), parse(SITE)
    jar.keep(at, ["a=secret"])
    assert "secret" not in repr(jar._cookies)
