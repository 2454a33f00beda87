"""cookies.txt as browsers' extensions write it: one odd line must not spoil the good ones.

Moustachauve/cookie-editor#173 (no value), KurtBestor/Hitomi-Downloader#5743 (no expiry, an eighth
field), ETCExtensions/Edit-This-Cookie#316 (a fraction), tubearchivist/browser-extension#22 (the
flag does not fit the domain), Chromium's times of 17 digits.
"""

from __future__ import annotations

import pytest

from downloads.engine.egress import cookies
from downloads.engine.egress.cookie_jar import CookieJar
from downloads.engine.egress.target import parse

GOOD = ".example.org\tTRUE\t/\tFALSE\t0\tsession\tabc123"
LINES = {
    "no value": ".example.org\tTRUE\t/\tFALSE\t1999999999\tempty\t",
    "no value and no tab": ".example.org\tTRUE\t/\tFALSE\t1999999999\tempty",
    "no expiry": "www.example.org\tFALSE\t/shop\tTRUE\t\tid\tspringboot",
    "a fraction": ".example.org\tTRUE\t/\tFALSE\t1999999999.608693\tfrac\t1",
    "flags in lower case": ".example.org\ttrue\t/\tfalse\t1999999999\tlower\t1",
    "a flag against the domain": "www.example.org\tTRUE\t/\tFALSE\t1999999999\totz\t789_76",
    "microseconds since 1601": ".example.org\tTRUE\t/\tFALSE\t13380000000000000\tmicro\t1",
    "no name": ".example.org\tTRUE\t/\tFALSE\t1999999999\t\tonlyvalue",
    "an eighth field": ".example.org\tTRUE\t/\tFALSE\t1999999999\tipb\t1252\t32",
    "HttpOnly": "#HttpOnly_.example.org\tTRUE\t/\tTRUE\t1999999999\tho\t1",
    "a negative expiry": ".example.org\tTRUE\t/\tFALSE\t-1\tneg\t1",
    "JSON for a value": '.example.org\tTRUE\t/\tFALSE\t1999999999\tjs\t{"a":"b c"}',
    "a remark with tabs": "# a remark with\ttabs",
    "a BOM and CR LF": "\ufeff# Netscape HTTP Cookie File\r",
    "blanks for tabs": ".example.org TRUE / FALSE 1999999999 blank 1",
    "a line of nothing": " \t ",
    "a word": "garbage",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
@pytest.mark.parametrize("first", [True, False], ids=["before", "behind"])
def test_the_good_line_counts(line: str, first: bool) -> None:
    text = "\n".join([line, GOOD] if first else [GOOD, line]) + "\n"
    jar = CookieJar(cookies.load(text))
    sent = jar.cookies_for(parse("http://www.example.org/shop/x")).given
    assert "session=abc123" in sent.split("; ")
