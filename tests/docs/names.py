"""Names that a document gives, and the names that a file of the project defines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.support.shell import ROOT

IN_FILE = re.compile(r"`([\w.]+)` in `([\w./-]+)`")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def names_in(path: Path) -> frozenset[str]:
    """Return the names that the file defines: `function`, `function.inner`, `Class`,
    `Class.member`, `CONSTANT`.

    Of other files than Python's every word.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return frozenset(re.findall(r"[\w$]+", text))
    return frozenset(_names(ast.parse(text).body, ""))


def _names(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        match node:
            case ast.ClassDef(name=name):
                yield prefix + name
                yield from _names(node.body, f"{prefix}{name}.")
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield prefix + name
                inner = [each for each in node.body if isinstance(each, Function)]
                yield from _names([*inner], f"{prefix}{name}.")
            case ast.Assign(targets=targets):
                yield from (prefix + each.id for each in targets if isinstance(each, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield prefix + name


def is_in(name: str, file: str) -> bool:
    path = ROOT / file
    return path.is_file() and name in names_in(path)


def section(text: str, heading: str) -> str:
    """Return what stands below a heading of the second or third level, up to the next one."""
    pattern = rf"^###? {re.escape(heading)}\n(.*?)(?=^##|\Z)"
    found = re.search(pattern, text, re.MULTILINE | re.DOTALL)
    assert found, f"there is no heading {heading!r}"
    return found[1]


def table(text: str) -> list[list[str]]:
    """Return the rows of the first table, without its head: the text of each cell."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]
