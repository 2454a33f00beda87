"""No template, script or style sheet spells a path from the root: below URL_PREFIX it would lead
out of Ferry. Templates ask ``{% url %}`` and ``{% static %}``, scripts ``FerryClient.address``.
"""

from __future__ import annotations

import re

import pytest

from config.paths import OWN_PATHS
from tests.support.shell import ROOT

FILES = sorted(
    path
    for folder, kinds in (("templates", "html"), ("static", "js css svg ts"))
    for path in (ROOT / folder).rglob("*")
    if path.suffix.lstrip(".") in kinds.split()
)
_OWN = "|".join(re.escape(name) for name in sorted(OWN_PATHS))
ROOTED = re.compile(
    rf"""
    ["'`(=](?:\./)?/(?:{_OWN})(?=[/"'`?\#)\s]|$)      # any of Ferry's own
    | (?:href|src|action|poster|srcset|cite|formaction|content|data-[a-z-]+)\s*=\s*["']?/(?![/*])
    | (?:fetch|replace|assign|open|url|URL|import|from)\s*\(?\s*["'`]/(?!/)
    | (?:href|src|action)\s*=\s*["'`]/(?!/)
    | location\s*=\s*["'`]/
    """,
    re.VERBOSE,
)


def test_the_files_are_found() -> None:
    assert {"dashboard.js", "base.html", "base.css", "media-downloader.js"} <= {
        path.name for path in FILES
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_path_begins_at_the_root(path: object) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()  # type: ignore[attr-defined]
    assert [line.strip() for line in lines if ROOTED.search(line)] == []


@pytest.mark.parametrize(
    "line",
    [
        '<a href="/">', "<form action='/downloads/'>", "fetch(`/api/v1/groups/${path}`",
        'location.replace("/")', 'new URL("/ws/downloads/", here)', "href: `/playlists/${id}/`",
        "location.href = `/accounts/`", "background: url(/static/img/a.svg)",
        '<div data-url="/queue/live/">', 'import("/static/js/a.js")',
    ],
)  # fmt: skip
def test_the_walk_would_find_them(line: str) -> None:
    assert ROOTED.search(line)
