"""References lead where a browser follows them (WHATWG URL; web-platform-tests: urltestdata)."""

from __future__ import annotations

import pytest

from downloads.engine.egress.target import parse
from downloads.engine.egress.url_text import join

BASE = "http://example.com/a//b/c?x=1/2"


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("d.ts", "http://example.com/a//b/d.ts"),
        ("./d", "http://example.com/a//b/d"),
        ("../d", "http://example.com/a//d"),
        ("../../../../d", "http://example.com/d"),
        ("/d e?f g#h", "http://example.com/d%20e?f%20g"),
        ("//other.example/d", "http://other.example/d"),
        ("\\\\other.example\\d", "http://other.example/d"),
        ("/\\other.example/d", "http://other.example/d"),
        ("///other.example/d", "http://other.example/d"),
        ("https://other.example", "https://other.example/"),
        ("HTTPS:\\\\Other.example\\d", "https://other.example/d"),
        ("https:other.example/d", "https://other.example/d"),
        ("http:d", "http://example.com/a//b/d"),
        ("http:/d", "http://example.com/d"),
        ("http:///other.example/d", "http://other.example/d"),
        ("", "http://example.com/a//b/c?x=1/2"),
        ("#h", "http://example.com/a//b/c?x=1/2"),
        ("?y", "http://example.com/a//b/c?y"),
        (" \td\n.ts\r ", "http://example.com/a//b/d.ts"),
        ("d;v=1?a=b:c", "http://example.com/a//b/d;v=1?a=b:c"),
        ("\u00e9/\u4e2d?\u00fc", "http://example.com/a//b/%C3%A9/%E4%B8%AD?%C3%BC"),
        ("d%2Fe%zz%", "http://example.com/a//b/d%2Fe%zz%"),
    ],
)
def test_a_reference_is_followed(reference: str, found: str) -> None:
    assert parse(join(BASE, reference)).url == found


def test_another_scheme_is_given_back() -> None:
    assert join(BASE, "data:text/plain,x y") == "data:text/plain,x y"
    assert join("https://example.com/a", "http:b") == "http://b"


def test_userinfo_of_the_base_stays() -> None:
    assert join("http://u:p@h/a/b", "c") == "http://u:p@h/a/c"
