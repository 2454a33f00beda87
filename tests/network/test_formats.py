"""Pasted cookies: their site, the ones that are kept, and texts that are refused."""

from __future__ import annotations

import json
import time

import pytest

from downloads.engine.egress.cookies import Cookie
from downloads.services.cookie_formats import login_ends_at, read, site_of
from tests.network.jars import LATER, SECRET, file, line


@pytest.mark.parametrize(
    ("said", "site"),
    [
        ("example.com", "example.com"),
        (" WWW.Example.com ", "example.com"),
        ("https://www.example.com/watch?v=1", "example.com"),
        ("video.example.co.uk", "video.example.co.uk"),
        ("http://127.0.0.1:8000/", "127.0.0.1"),
        ("localhost", "localhost"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_a_site_in_one_form(said: str, site: str) -> None:
    assert site_of(said) == site


@pytest.mark.parametrize("said", ["", "com", "0.1", "not a site", "ftp://example.com", "x.1"])
def test_what_names_no_site(said: str) -> None:
    with pytest.raises(ValueError, match="Enter the site"):
        site_of(said)


def test_the_site_may_be_left_out_where_it_is_one() -> None:
    given = read(file(line(".example.com"), line("www.example.com", "a")))
    assert (given.site, len(given.cookies), given.left_out) == ("example.com", 2, 0)


def test_several_sites_need_a_name() -> None:
    with pytest.raises(ValueError, match=r"2 sites, such as a\.example and b\.example"):
        read(file(line(".a.example"), line(".b.example")))


def test_of_a_whole_browser_only_the_named_site_is_kept() -> None:
    text = file(
        line(".example.com"),
        line("login.example.com", "b"),
        line(".badexample.com"),
        line("example.com.evil.test"),
        line(".bank.test"),
    )
    given = read(text, "www.example.com")
    assert (given.site, given.left_out) == ("example.com", 3)
    assert {cookie.domain for cookie in given.cookies} == {"example.com", "login.example.com"}


def test_a_host_gets_its_parents_cookies_and_not_its_siblings() -> None:
    text = file(line(".example.com"), line("example.com", "host-only"), line("a.example.com", "a"))
    given = read(text, "music.example.com")
    assert [cookie.name for cookie in given.cookies] == ["session"]


def test_none_of_the_named_site() -> None:
    with pytest.raises(ValueError, match=r"None of these cookies belongs to other\.test"):
        read(file(line(".example.com")), "other.test")


def test_an_export_in_json() -> None:
    exported = [
        {"name": "sid", "value": SECRET, "domain": ".example.com", "hostOnly": False,
         "expirationDate": LATER + 0.5, "secure": True, "httpOnly": True, "path": "/",
         "sameSite": "lax", "storeId": "0", "id": 1},
        {"name": "b", "value": "2", "domain": "www.example.com", "session": True},
    ]  # fmt: skip
    given = read(json.dumps(exported))
    kept = given.cookies
    assert given.site == "example.com"
    assert kept[0] == Cookie(
        "example.com", "sid", SECRET, secure=True, http_only=True, expires=LATER
    )
    assert (kept[1].host_only, kept[1].expires) == (True, None)
    assert read(json.dumps({"cookies": exported})).cookies == kept


def test_a_header_goes_over_https_unless_the_site_is_named_without() -> None:
    given = read(f"Cookie: sid={SECRET}; theme=dark=er", "example.com")
    assert given.cookies == (
        Cookie("example.com", "sid", SECRET, secure=True),
        Cookie("example.com", "theme", "dark=er", secure=True),
    )
    assert not read("sid=1", "http://example.com/").cookies[0].secure


@pytest.mark.parametrize("site", ["127.0.0.1", "192.168.1.5:8080", "localhost", "[fd00::1]"])
def test_a_header_goes_to_a_bare_address_as_it_is_reached(site: str) -> None:
    assert not read("sid=1", site).cookies[0].secure
    assert read("sid=1", f"https://{site}/").cookies[0].secure


def test_a_header_names_no_site() -> None:
    with pytest.raises(ValueError, match="Enter the site"):
        read("Cookie: sid=1")


@pytest.mark.parametrize(
    "text",
    ["", " \n", "hello", "[]", "{}", "[1]", '[{"name": "a"}]', "[" * 100_000, "<html></html>",
     "# Netscape HTTP Cookie File\n", "a=1\nb=2", '[{"name":"a","value":{},"domain":"a.io"}]'],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_what_is_no_cookies(text: str) -> None:
    with pytest.raises(ValueError, match="not cookies that Ferry can read"):
        read(text, "example.com")


def test_a_bad_export_tells_no_value() -> None:
    text = json.dumps([{"name": "a", "value": f"{SECRET}\n", "domain": "example.com"}])
    with pytest.raises(ValueError, match="invalid characters") as caught:
        read(text)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "sid", "value": SECRET, "domain": ".example.com", "expires": LATER + 0.7},
        {"name": "sid", "value": SECRET, "domain": ".example.com", "expiry": LATER},
        {"name": "sid", "value": SECRET, "host": ".example.com", "expires": "2096-10-02T07:06:40Z"},
        {"Name raw": "sid", "Content raw": SECRET, "Host raw": "https://.example.com/",
         "Path raw": "/", "Expires raw": str(LATER), "HTTP only raw": "false",
         "This domain only raw": "false", "Send for": "Any type of connection"},
    ],
    ids=["playwright", "selenium", "dates", "cookie quick manager"],
)  # fmt: skip
def test_other_exports_in_json(entry: dict[str, object]) -> None:
    assert read(json.dumps([entry])).cookies == (
        Cookie("example.com", "sid", SECRET, expires=LATER),
    )


def test_an_entry_that_is_none_is_named_and_the_others_are_kept() -> None:
    entries = [
        {"name": "a", "value": 5, "domain": "a.io", "expires": -1},
        {"name": "b", "value": {}, "domain": "a.io"},
        "c",
    ]
    given = read(json.dumps(entries))
    assert given.cookies == (Cookie("a.io", "a", "5", host_only=True),)
    assert [str(each) for each in given.skipped] == [
        "Entry 2 is not a cookie: its value is not text.",
        "Entry 3 is not a cookie: it is not an object.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"GET /watch HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\nCookie: sid={SECRET}; b=2\r\n",
        f"accept: */*\ncookie: sid={SECRET}\ncookie: b=2\n",
        f"Accept\n*/*\nCookie:\nsid={SECRET}; b=2\nHost: example.com",
        f"sid={SECRET};b=2;",
        json.dumps({"sid": SECRET, "b": "2"}),
    ],
)
def test_headers_of_a_request(text: str) -> None:
    assert read(text, "example.com").cookies == (
        Cookie("example.com", "sid", SECRET, secure=True),
        Cookie("example.com", "b", "2", secure=True),
    )


def test_headers_of_an_answer() -> None:
    text = (
        "HTTP/2 200\r\nContent-Type: text/html\r\n"
        f"Set-Cookie: sid={SECRET}; Domain=.Example.com; Path=/; Secure; HttpOnly\r\n"
        "set-cookie: b=2; Path=/shop\r\nset-cookie: __Host-x=3\r\n"
    )
    given = read(text, "example.com")
    assert given.cookies == (
        Cookie("example.com", "sid", SECRET, secure=True),
        Cookie("example.com", "b", "2", host_only=True, path="/shop"),
    )
    assert str(given.skipped[0]) == "Header 3 is not a cookie: no browser accepts it."


def test_an_odd_pair_of_a_header_is_named() -> None:
    given = read(f"Cookie: flag; sid={SECRET}", "example.com")
    assert [cookie.name for cookie in given.cookies] == ["sid"]
    assert str(given.skipped[0]) == "Pair 1 is not a cookie: it is not a name with a value."


def test_when_the_login_ends() -> None:
    def cookie(name: str, expires: int | None) -> Cookie:
        return Cookie("a.io", name, "v", expires=expires)

    soon = int(time.time()) + 60
    assert login_ends_at([cookie("theme", soon), cookie("sessionid", LATER)]) == LATER
    assert login_ends_at([cookie("SID", soon), cookie("auth_token", LATER)]) == soon
    assert login_ends_at([cookie("a", soon), cookie("b", LATER)]) == LATER
    assert login_ends_at([cookie("a", soon), cookie("b", None)]) is None


@pytest.mark.parametrize("site", ["co.uk", "github.io", "https://www.co.uk/", "uk"])
def test_a_suffix_of_many_sites_is_no_site(site: str) -> None:
    with pytest.raises(ValueError, match="such as"):
        site_of(site)


def test_a_cookie_for_all_of_a_suffix_is_left_out() -> None:
    text = ".co.uk\tTRUE\t/\tTRUE\t0\ta\tb"
    with pytest.raises(ValueError, match="such as"):
        read(text)
    with pytest.raises(ValueError, match="None of these"):
        read(text, "bbc.co.uk")
