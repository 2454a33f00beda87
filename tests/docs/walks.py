"""The walks of docs/architecture.md: which functions lead to which."""

from __future__ import annotations

from typing import NamedTuple

from tests.docs.names import IN_FILE, section, table
from tests.support.shell import ROOT

TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")

POST = "From POST to the committed row"
RESOLVE = "From the wake-up to the streams to fetch"
FILE = "A file that is stored as it comes"
STREAMS = "The streams of a film"
FILM = "One film of them"
PROGRESS = "From a socket's read to a socket's write"
BROWSER = "In the web process and the browser"
WALKS = (POST, RESOLVE, FILE, STREAMS, FILM, PROGRESS, BROWSER)


class Step(NamedTuple):
    file: str
    name: str


def steps(walk: str) -> list[Step]:
    """Return the functions of a walk, in order."""
    found = []
    for number, (count, function, _) in enumerate(table(section(TEXT, walk)), start=1):
        assert count == str(number)
        match = IN_FILE.fullmatch(function)
        assert match, f"write: `name` in `file`, not {function}"
        found.append(Step(file=match[2], name=match[1]))
    return found
