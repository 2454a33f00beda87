"""The walks of docs/architecture.md: which functions lead to which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tests.docs.names import IN_FILE, section, table
from tests.support.shell import ROOT

TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")

POST = "From POST to the committed row"
RESOLVE = "From the wake-up to the streams to fetch"
FILE = "A file that is stored as it comes"
STREAMS = "The streams of a film"
FILM = "One film of them"
PROGRESS = "From a socket's read to the bar on the page"
WALKS = (POST, RESOLVE, FILE, STREAMS, FILM, PROGRESS)


class Step(NamedTuple):
    file: str
    name: str


class Hop(NamedTuple):
    """A row of the walk of a progress figure. ``is_handed_over``: to another thread or process.
    ``within``: the functions that it names in passing."""

    step: Step
    is_handed_over: bool
    within: tuple[str, ...]


def steps(walk: str) -> list[Step]:
    """Return the functions of a walk, in order."""
    return [step for step, _ in _rows(walk)]


def hops() -> list[Hop]:
    """Return the walk of a progress figure."""
    return [
        Hop(step, what.startswith("*"), tuple(re.findall(r"\(`([\w.]+)`\)", what)))
        for step, what in _rows(PROGRESS)
    ]


def _rows(walk: str) -> Iterator[tuple[Step, str]]:
    for number, (count, function, what) in enumerate(table(section(TEXT, walk)), start=1):
        assert count == str(number)
        match = IN_FILE.fullmatch(function)
        assert match, f"write: `name` in `file`, not {function}"
        yield Step(file=match[2], name=match[1]), what
