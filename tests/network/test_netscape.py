"""Netscape text: what is a cookie, what is none, and that no mistake tells a value."""

from __future__ import annotations

import http.cookiejar
from pathlib import Path

import pytest

from downloads.engine.egress.cookies import MAX_COOKIES, Cookie, dump, load, unexpired
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
    "bad",
    [
        f"example.com FALSE / FALSE 0 a {SECRET}",
        f"example.com\tFALSE\t/\tFALSE\t0\t{SECRET}",
        f"example.com\tMAYBE\t/\tFALSE\t0\ta\t{SECRET}",
        f"example.com\tFALSE\t/\tFALSE\tsoon\ta\t{SECRET}",
        f"exa mple.com\tFALSE\t/\tFALSE\t0\ta\t{SECRET}",
        f"\tFALSE\t/\tFALSE\t0\ta\t{SECRET}",
        f"example.com\tFALSE\tpath\tFALSE\t0\ta\t{SECRET}",
        f"example.com\tFALSE\t/\tFALSE\t0\t\t{SECRET}",
        f"example.com\tFALSE\t/\tFALSE\t0\ta b\t{SECRET}",
        f"example.com\tFALSE\t/\tFALSE\t0\ta\t{SECRET};x",
        f"example.com\tFALSE\t/\tFALSE\t0\ta\t{SECRET}\r\rHost: x",
        f"example.com\tFALSE\t/\tFALSE\t0\ta\t{SECRET}\0",
    ],
    ids=repr,
)
def test_what_is_none(bad: str) -> None:
    with pytest.raises(ValueError, match=r"Line 4 is not a cookie") as caught:
        load(file(line("example.com"), bad))
    assert SECRET not in str(caught.value)


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
