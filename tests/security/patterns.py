"""Every regular expression of the product, read from its source, and texts made to hold each up."""

from __future__ import annotations

import ast
import importlib
import re
import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("accounts", "config", "downloads")
METHODS: Final = frozenset(
    {"search", "match", "fullmatch", "findall", "finditer", "sub", "subn", "split"}
)
MOST_LETTERS: Final = 14  # of a pattern's alphabet; each pair of them is tried


@dataclass(frozen=True, slots=True)
class Use:
    """A pattern and a method that the product calls on it, at this place."""

    where: str
    method: str
    pattern: re.Pattern[Any]

    def __str__(self) -> str:
        return f"{self.where} {self.method}"

    def run(self, text: str) -> None:
        given = (
            text.encode("latin-1", "replace") if isinstance(self.pattern.pattern, bytes) else text
        )
        call: Any = getattr(self.pattern, self.method)
        if self.method in ("sub", "subn"):
            call(given[:0], given)
        elif self.method == "finditer":
            for _ in call(given):
                pass
        else:
            call(given)


def modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield ".".join(path.relative_to(ROOT).with_suffix("").parts), path


@cache
def uses() -> list[Use]:
    nodes = {path: _nodes(path) for _, path in modules()}
    own = {path: _called(found) for path, found in nodes.items()}
    called: dict[str, set[str]] = {}  # the methods that any module calls on a name
    for methods in own.values():
        for name, some in methods.items():
            called.setdefault(name, set()).update(some)
    found = [
        use for name, path in modules() for use in _uses_in(name, nodes[path], own[path], called)
    ]
    return list({(use.method, use.pattern): use for use in found}.values())


def _nodes(path: Path) -> list[ast.AST]:
    """Return what is looked at, in one walk: walks of all modules are most of the work here."""
    wanted = (ast.Call, ast.Attribute, ast.Assign, ast.AnnAssign)
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, wanted)]


def _called(nodes: list[ast.AST]) -> dict[str, set[str]]:
    """Return the methods that are called on each name."""
    called: dict[str, set[str]] = {}
    for node in nodes:
        if (
            isinstance(node, ast.Attribute)
            and node.attr in METHODS
            and isinstance(node.value, ast.Name)
        ):
            called.setdefault(node.value.id, set()).add(node.attr)
    return called


def _uses_in(
    module: str, nodes: list[ast.AST], own: dict[str, set[str]], called: dict[str, set[str]]
) -> Iterator[Use]:
    loaded: Any = None
    for node in nodes:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re"):
            continue
        method = node.func.attr
        if method not in METHODS | {"compile"}:
            continue
        loaded = loaded or importlib.import_module(module)
        pattern = _evaluated(node, loaded)
        if pattern is None:
            continue
        where = f"{module}:{node.lineno}"
        if method != "compile":
            yield Use(where, method, pattern)
            continue
        name = _name_of(nodes, node)
        methods = own.get(name) or called.get(name) or METHODS - {"subn", "finditer", "findall"}
        for one in sorted(methods):
            yield Use(where, one, pattern)


def _name_of(nodes: list[ast.AST], call: ast.Call) -> str:
    for node in nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is call:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name):
                return target.id
    return ""


def _evaluated(node: ast.Call, module: Any) -> re.Pattern[Any] | None:
    """Return the pattern that the call compiles; None if it depends on what a function is given."""
    flags = _flags(node, module)
    try:
        source = eval(compile(ast.Expression(node.args[0]), "<pattern>", "eval"), vars(module))
    except NameError:
        return None
    return source if isinstance(source, re.Pattern) else re.compile(source, flags)


def _flags(node: ast.Call, module: Any) -> int:
    given = [word.value for word in node.keywords if word.arg == "flags"]
    place = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(node.func.attr, 2)  # type: ignore[attr-defined]
    given += node.args[place : place + 1]
    return (
        int(eval(compile(ast.Expression(given[0]), "<flags>", "eval"), vars(module)))
        if given
        else 0
    )


# --- texts ------------------------------------------------------------------------------


Text = Callable[[int], str]  # of about so many characters


def hostile(pattern: re.Pattern[Any]) -> Iterator[Text]:
    """Texts that make a careless pattern look again and again: each letter, pair and word of its
    own alphabet repeated, after its own beginnings, before an end that does not fit."""
    letters, words = _alphabet(pattern)
    pumps = [*letters, *("".join(pair) for pair in product(letters, repeat=2)), *words]
    pumps += [word + letter for word, letter in product(words, letters)]
    for end in ("", "\0\n"):
        for pump in dict.fromkeys(pumps):
            yield partial(_text, "", pump, end)
        for word, letter in product(words, letters):
            yield partial(_text, word, letter, end)


def _text(begin: str, pump: str, end: str, length: int) -> str:
    return begin + (pump * (length // len(pump) + 1))[:length] + end


def _alphabet(pattern: re.Pattern[Any]) -> tuple[list[str], list[str]]:
    source = pattern.pattern
    tree = parser.parse(
        source, pattern.flags & ~re.DEBUG & ~(re.UNICODE if isinstance(source, bytes) else 0)
    )
    words: list[str] = []
    letters: dict[str, None] = {}
    _walk(tree, letters, words)
    few = [one for one in letters if len(one) == 1][:MOST_LETTERS]
    return few, [word for word in dict.fromkeys(words) if len(word) > 1][:MOST_LETTERS]


def _walk(tree: Any, letters: dict[str, None], words: list[str]) -> None:
    run = ""
    for kind, value in tree:
        if kind is op.LITERAL:
            run += chr(value)
            letters[chr(value)] = None
            continue
        if run:
            words.append(run)
            run = ""
        _walk_one(kind, value, letters, words)
    if run:
        words.append(run)


def _walk_one(kind: Any, value: Any, letters: dict[str, None], words: list[str]) -> None:
    if kind is op.IN:
        letters.update(dict.fromkeys(_members(value)))
    elif kind in (op.ANY, op.NOT_LITERAL):
        letters.update({"x": None})
    elif kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        _walk(value[2], letters, words)
    elif kind is op.BRANCH:
        for branch in value[1]:
            _walk(branch, letters, words)
    elif kind is op.SUBPATTERN:
        _walk(value[3], letters, words)
    elif kind in (op.ASSERT, op.ASSERT_NOT):
        _walk(value[1], letters, words)
    elif kind is op.ATOMIC_GROUP:
        _walk(value, letters, words)


_CATEGORIES: Final = {
    op.CATEGORY_DIGIT: "1", op.CATEGORY_NOT_DIGIT: "x", op.CATEGORY_SPACE: " ",
    op.CATEGORY_NOT_SPACE: "x", op.CATEGORY_WORD: "x", op.CATEGORY_NOT_WORD: ".",
}  # fmt: skip


def _members(value: Any) -> list[str]:
    """Return a letter or two of a set; of a negated one, letters that it holds."""
    negated = value and value[0][0] is op.NEGATE
    members: list[str] = []
    for kind, one in value:
        if kind is op.LITERAL:
            members.append(chr(one))
        elif kind is op.RANGE:
            members.append(chr(one[0]))
        elif kind is op.CATEGORY:
            members.append(_CATEGORIES[one])
    if not negated:
        return members
    return [*(one for one in "x/.1 \n\"'<" if one not in members), *members][:4] + members
