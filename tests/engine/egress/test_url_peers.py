"""References and request lines beside Chromium's URL parser and curl's."""

from __future__ import annotations

import random
import shutil
import subprocess

import pytest

from downloads.engine.core.errors import DownloadError
from downloads.engine.egress.client import Client
from downloads.engine.egress.target import parse
from downloads.engine.egress.url_text import join
from tests.support.answers import respond
from tests.support.browser import chromium
from tests.support.origin import Origin

PIECES = [
    "a", "b", "1", ".", "..", "/", "//", "\\", "?", "#", "%", "%2e", "%2F", "%zz", " ", "\t", "\n",
    "[", "]", "{", "}", "|", "^", "`", '"', "<", ">", ";", "=", "&", "+", "~", "!", "*", "(", ")",
    ",", "@", ":", "$", "\u00e9", "\u4e2d", "\x01", "\x7f", "\u00a0", "http:", "HTTPS://h.example/",
    "//h.example", "https:", "%E9",
]  # fmt: skip
BASES = ["http://example.com/a//b/c?x=1/2#f", "https://example.com:8443/"]
THEIRS = """([references, bases]) => references.map((one) => bases.map((base) => {
    try {
        const url = new URL(one, base);
        return /^https?:/.test(url.protocol) ? [url.hostname, url.pathname, url.href] : null;
    } catch { return null; }
}))"""


@pytest.mark.slow
def test_references_lead_where_chromium_follows_them() -> None:
    """Names of hosts that no resolver takes, and numbers for addresses, are left out."""
    chance = random.Random(11)
    references = ["".join(chance.choices(PIECES, k=chance.randint(0, 7))) for _ in range(3000)]
    with chromium() as browser:
        theirs = browser.new_page().evaluate(THEIRS, [references, BASES])
    compared = 0
    for reference, row in zip(references, theirs, strict=True):
        for base, found in zip(BASES, row, strict=True):
            try:
                ours = parse(join(base, reference))
            except DownloadError:
                continue
            if found is None or ours.host.isdigit():
                continue
            host, path, url = found
            assert ours.host == host.removesuffix("."), (reference, base)
            query = url.partition("#")[0].partition("?")
            assert ours.path == path + query[1] + query[2], (reference, base)
            compared += 1
    assert compared > 4000


@pytest.mark.parametrize(
    "path",
    [
        "/a/../b/./c", "/100%", "/%zz%2f", "/a//b/", "/a?b=[1]|{2}^`'\\", "/?", "/a;b=c,d:e@f",
        "/?Signature=a%2Bb~_-&x=!*()'", "/[a]", "/a/..", "/x?y=../z",
    ],
)  # fmt: skip
def test_the_request_line_is_curls(path: str, client: Client, origin: Origin) -> None:
    if shutil.which("curl") is None:
        pytest.skip("no curl")
    parsed = parse(origin.url(path)).path
    origin.answers[parsed] = respond()
    client.get(origin.url(path)).close()
    subprocess.run(["curl", "-gs", origin.url(path)], check=True, timeout=30)
    ours, theirs = origin.log
    assert ours.target == theirs.target == parsed
