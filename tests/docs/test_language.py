"""The rules of wording that a program can check: CONTRIBUTING.md, docs/glossary.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("accounts", "benchmarks", "config", "downloads", "static", "templates", "tests")
ENDINGS = frozenset({".py", ".js", ".ts", ".css", ".html"})
QUESTION = re.compile(r"\s*(What|Who|Whom|Whose|Where|Whether|How|Which|Why|When)\b")
CANDIDATE = re.compile(rf"\"\"\"{QUESTION.pattern}")  # parsing every file would take seconds
HE = re.compile(r"(?<![\"'])\b([Hh]e|[Hh]is|[Hh]im|[Hh]imself)\b(?![\"'])")  # "he" is Hebrew
RARE = re.compile(r"\b(nobody|somebody|whoever|anew|wish|wishes|wished|mended)\b", re.IGNORECASE)
MOST = 12  # nobody is also a user of the system
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def sources() -> dict[Path, str]:
    """Return the code of the project by its path, without this file: it names the words."""
    return {
        path.relative_to(ROOT): path.read_text()
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in ENDINGS and path != Path(__file__)
    }


def docstrings(text: str) -> Iterator[str]:
    """Yield each docstring of a module."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, _DOCUMENTED) and (found := ast.get_docstring(node)):
            yield found


def test_a_docstring_starts_with_a_verb_or_a_noun() -> None:
    wrong = [
        f"{path}: {found}"
        for path, text in sources().items()
        if path.suffix == ".py" and CANDIDATE.search(text)
        for found in docstrings(text)
        if QUESTION.match(found)
    ]
    assert wrong == []


def test_a_user_is_they() -> None:
    wrong = [
        f"{path}:{number}: {line.strip()}"
        for path, text in sources().items()
        for number, line in enumerate(text.splitlines(), start=1)
        if HE.search(line)
    ]
    assert wrong == []


def test_the_words_that_the_glossary_replaces_are_rare() -> None:
    found = [
        f"{path}: {match[0]}" for path, text in sources().items() for match in RARE.finditer(text)
    ]
    assert len(found) <= MOST, found
