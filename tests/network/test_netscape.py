"""Netscape text: what is a cookie, what is none, and that no mistake tells a value."""

from __future__ import annotations

import http.cookiejar
from pathlib import Path

import pytest

from downloads.engine.egress.cookie_jar import CookieJar
from downloads.engine.egress.cookies import (
    MAX_COOKIES,
    Cookie,
    dump,
    expiry,
    load,
    load_lines,
    unexpired,
)
from downloads.engine.egress.target import parse
from tests.network.jars import LATER, LONG_AGO, SECRET, file, line


def test_a_file_of_a_browser() -> None:
    text = file(line(".example.com", http_only=True), line("www.example.com", "a", "1", expires=0))
    first, second = load(text.replace("\n", "\r\n"))
    assert first == Cookie(
        "example.com", "session", SECRET, http_only=True, expires=LATER, host_only=False
    )
    assert (second.host_only, second.expires) == (True, None)


def test_what_is_written_is_read_again() -> None:
    cookies = load(file(line(".example.com", http_only=True), line("a.example.com", value="")))
    assert load(dump(cookies)) == cookies


def test_the_standard_library_reads_it_too(tmp_path: Path) -> None:
    path = tmp_path / "cookies.txt"
    path.write_text(dump(load(file(line(".example.com"), line("example.com", "b", "2")))))
    jar = http.cookiejar.MozillaCookieJar(path)
    jar.load()
    assert {(one.domain, one.name, one.value) for one in jar} == {
        (".example.com", "session", SECRET),
        ("example.com", "b", "2"),
    }


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("example.com\tFALSE\t/\tFALSE\t0", "it has 5 fields instead of seven"),
        (f"example.com\tFALSE\t/\tFALSE\t0\ta\t{SECRET}\t32", "it has 8 fields"),
        (f"example.com FALSE {SECRET}", "it has 3 fields"),
        (f"example.com\tMAYBE\t/\tFALSE\t0\ta\t{SECRET}", "TRUE or FALSE"),
        (f"example.com\tFALSE\t/\tFALSE\tsoon\ta\t{SECRET}", "expiry is not a number"),
        (f"example.com\tFALSE\t/\tFALSE\tnan\ta\t{SECRET}", "expiry is not a number"),
        (f"exa mple.com\tFALSE\t/\tFALSE\t0\ta\t{SECRET}", "domain is not a host"),
        (f"\tFALSE\t/\tFALSE\t0\ta\t{SECRET}", "domain is not a host"),
        (f"example.com\tFALSE\tpath\tFALSE\t0\ta\t{SECRET}", "begin with a slash"),
        (f"example.com\tFALSE\t/\tFALSE\t0\t\t{SECRET}", "name has invalid"),
        (f"example.com\tFALSE\t/\tFALSE\t0\ta b\t{SECRET}", "name has invalid"),
        (f"example.com\tFALSE\t/\tFALSE\t0\ta\t{SECRET};x", "has invalid characters"),
        (f"example.com\tFALSE\t/\tFALSE\t0\ta\t{SECRET}\r\rHost: x", "has invalid characters"),
        (f"example.com\tFALSE\t/\tFALSE\t0\ta\t{SECRET}\0", "has invalid characters"),
    ],
    ids=repr,
)
def test_a_line_that_is_none_is_named_and_the_others_are_kept(bad: str, reason: str) -> None:
    """Read as curl reads such a file (Moustachauve/cookie-editor#173, Hitomi-Downloader#5743)."""
    kept, (skipped,) = load_lines(file(line("example.com", "a"), bad, line("example.com", "b")))
    assert [cookie.name for cookie in kept] == ["a", "b"]
    assert str(skipped).startswith("Line 4 is not a cookie: ")
    assert reason in str(skipped)
    assert SECRET not in str(skipped)


@pytest.mark.parametrize(
    "text",
    [
        f".example.com\tTRUE\t/\tFALSE\t{LATER}\tsession\t{SECRET}",
        f"\ufeff.example.com\ttrue\t/\tFalse\t{LATER}\tsession\t{SECRET}\r\n",
        f"\ufeff# A file\r\r.example.com\tTRUE\t/\tFALSE\t{LATER}\tsession\t{SECRET}\r",
        f"  .example.com TRUE  / FALSE {LATER}   session {SECRET}",
        f".Example.com\tTRUE\t/\tFALSE\t{LATER}.608693\tsession\t{SECRET}",
        f".example.com\tTRUE\t/\tFALSE\t{LATER}000\tsession\t{SECRET}",
        f".example.com\tTRUE\t/\tFALSE\t{(LATER + 11_644_473_600) * 10**6}\tsession\t{SECRET}",
    ],
)  # fmt: skip
def test_ways_to_write_one_cookie(text: str) -> None:
    assert load(text) == (Cookie("example.com", "session", SECRET, expires=LATER),)


@pytest.mark.parametrize("end", ["\t", ""])
def test_a_cookie_without_a_value(end: str) -> None:
    (cookie,) = load(f".example.com\tTRUE\t/\tFALSE\t{LATER}\tempty{end}\n")
    assert (cookie.name, cookie.value) == ("empty", "")


@pytest.mark.parametrize("said", ["", "0", "-1", "0.0", " Session "])
def test_with_the_session(said: str) -> None:
    assert expiry(said) is None
    jar = CookieJar(load(f".a.io\tTRUE\t/\tFALSE\t{said}\ta\t1\n"))
    assert jar.cookies_for(parse("http://a.io/")).given == "a=1"


def test_blanks_in_a_value_stay() -> None:
    (cookie,) = load('.example.com TRUE / FALSE 0 js {"a": "b c"}')
    assert cookie.value == '{"a": "b c"}'


def test_not_too_many() -> None:
    with pytest.raises(ValueError, match="2000 cookies"):
        load("\n".join(line("a.io", f"n{number}", "v") for number in range(MAX_COOKIES + 1)))


def test_not_too_large() -> None:
    with pytest.raises(ValueError, match="256 KiB"):
        load(line("a.io", value="x" * 300_000))


def test_a_value_shows_in_no_repr() -> None:
    assert SECRET not in repr(load(file(line("example.com"))))


def test_unexpired() -> None:
    cookies = load(file(line("a.io", expires=LONG_AGO), line("a.io", "b"), line("a.io", "c")))
    assert [one.name for one in unexpired(cookies)] == ["b", "c"]
    assert [one.name for one in unexpired(cookies, now=LONG_AGO - 1)] == ["session", "b", "c"]
