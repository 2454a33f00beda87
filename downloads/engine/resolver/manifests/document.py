"""Inside the jail: the XML of an MPD as a tree, by local names: prefixes and namespaces that are
missing, unknown or not declared do not matter to players either."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

from downloads.engine.resolver.manifests.errors import ManifestError, ManifestTooLarge

_MOST_ELEMENTS = 300_000
_DEEPEST = 50
_DECLARATION = re.compile(r"<\?xml\s[^>]{0,200}\?>")


class Node:
    """One element. ``attributes`` by name as written, with prefix."""

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Node] = []
        self.text = ""

    def get(self, name: str) -> str | None:
        return self.attributes.get(name)

    def prefixed(self, name: str) -> str | None:
        """Return an attribute of another namespace (``xlink:href``), whatever its prefix is."""
        ending = f":{name}"
        return next((v for key, v in self.attributes.items() if key.endswith(ending)), None)

    def all(self, name: str) -> Iterator[Node]:
        return (child for child in self.children if child.name == name)

    def first(self, name: str) -> Node | None:
        return next(self.all(name), None)


def parse(text: str) -> Node:
    """Return the MPD element. Raises ManifestError, ManifestTooLarge."""
    root = _tree(_without_declaration(text))
    if root.name != "MPD":
        raise ManifestError("it is no MPD")
    return root


def parse_linked(text: str) -> list[Node]:
    """Return the elements behind an xlink: one or several, with no root around them.

    Raises ManifestError, ManifestTooLarge.
    """
    return _tree(f"<linked>{_without_declaration(text)}</linked>").children


def _without_declaration(text: str) -> str:
    """Return the text without its XML declaration: it is decoded already, whatever encoding it
    declares, and the declaration may come too late for a parser."""
    return _DECLARATION.sub("", text.lstrip("\ufeff"), count=1).strip()


def _tree(text: str) -> Node:
    reader = expat.ParserCreate("utf-8")
    builder = _Builder()
    reader.buffer_text = True
    reader.StartDoctypeDeclHandler = builder.doctype
    reader.StartElementHandler = builder.start
    reader.EndElementHandler = builder.end
    reader.CharacterDataHandler = builder.data
    try:
        reader.Parse(text.encode("utf-8", "replace"), True)
    except (expat.ExpatError, ValueError) as error:
        raise ManifestError(f"XML: {error}"[:200]) from None
    return builder.top.children[0]


class _Builder:
    """A parser target that refuses entity declarations, too many elements and too deep nesting."""

    def __init__(self) -> None:
        self.top = Node("", {})
        self._open = [self.top]
        self._count = 0

    def doctype(
        self, name: str, system_id: str | None, public_id: str | None, has_subset: bool
    ) -> None:
        """Accept a bare document type, as players do; refuse declarations and external
        references."""
        if system_id is not None or public_id is not None or has_subset:
            raise ManifestError("a document type is declared")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > _MOST_ELEMENTS or len(self._open) > _DEEPEST:
            raise ManifestTooLarge(
                f"more than {_MOST_ELEMENTS} elements, or deeper than {_DEEPEST}"
            )
        node = Node(tag.rpartition(":")[2], attributes)
        self._open[-1].children.append(node)
        self._open.append(node)

    def end(self, tag: str) -> None:
        self._open.pop()

    def data(self, text: str) -> None:
        if not text.isspace():
            self._open[-1].text += text
