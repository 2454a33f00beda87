"""Links, paths and commands in the documents lead to something."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.support.shell import ROOT

DOCUMENTS = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob(".github/**/*.md"))
    if path.name != "peers.md"  # a table of outcomes, without a link
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(
    r"(?:accounts|benchmarks|config|docs|downloads|static|templates|tests|\.ci)/[\w./-]*"
)
TARGET = re.compile(r"\bmake ([a-z][a-z-]*)\b")
COMMAND = re.compile(r"manage\.py ([a-z_]+)\b")
# Django's and django-axes' own
FOREIGN = {"axes_reset_username", "check", "migrate", "createsuperuser"}


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def anchors(path: Path) -> set[str]:
    """Return the anchors that GitHub makes of headings."""
    headings = re.findall(r"^#+ (.+)$", CODE_BLOCK.sub("", text_of(path)), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_resolves(document: Path) -> None:
    for link in LINK.findall(text_of(document)):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor:
            assert anchor in anchors(target), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_exists(document: Path) -> None:
    """A path with a blank to fill in (`<page>`) is cut at the blank."""
    for code in INLINE.findall(text_of(document)):
        if found := PATH.match(code):
            named = found[0] if found[0] == code else found[0].rpartition("/")[0]
            assert (ROOT / named).exists(), code


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_is_there(document: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = {path.stem for path in ROOT.glob("downloads/management/commands/*.py")}
    text = text_of(document)
    in_code = [*INLINE.findall(text), *CODE_BLOCK.findall(text)]
    for code in in_code:
        assert set(TARGET.findall(code)) <= targets, code
        assert set(COMMAND.findall(code)) <= commands | FOREIGN, code
