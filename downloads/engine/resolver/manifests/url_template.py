"""Inside the jail: the URL templates of a SegmentTemplate (ISO/IEC 23009-1, 5.3.9.4.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from downloads.engine.resolver.manifests.errors import ManifestError

# As printf has it; a width of two digits at most: one of a billion is a gigabyte for each segment.
_IDENTIFIER = re.compile(
    r"\$(?:(RepresentationID|Number|SubNumber|Bandwidth|Time)(?:%0?(\d{0,2})([diouxX]))?)?\$"
)
_BROKEN = re.compile(r"\$(?:RepresentationID|Number|SubNumber|Bandwidth|Time)%[^$]*\$")

_LONGEST = 8000  # characters, as of any URL

Values = Mapping[str, int | str | None]


class UrlTemplate:
    """A template parsed once, and filled in for each segment. Raises ManifestError for an invalid
    format."""

    def __init__(self, text: str) -> None:
        self._parts: list[str | tuple[str, str, str]] = []  # text, or name, format and itself
        if len(text) > _LONGEST:
            raise ManifestError(f"a template of more than {_LONGEST} characters")
        at = 0
        for match in _IDENTIFIER.finditer(text):
            self._parts.append(text[at : match.start()])
            self._parts.append(_part(match))
            at = match.end()
        self._parts.append(text[at:])
        if any(_BROKEN.search(each) for each in self._parts if isinstance(each, str)):
            raise ManifestError("a template that is none")

    def names(self, *identifiers: str) -> bool:
        return any(each[0] in identifiers for each in self._parts if isinstance(each, tuple))

    def fill(self, values: Values) -> str:
        """Return the URL; an identifier without a value stays as it is."""
        return "".join(
            each if isinstance(each, str) else _filled(each, values) for each in self._parts
        )


def _part(match: re.Match[str]) -> str | tuple[str, str, str]:
    name, width, kind = match.groups()
    if not name:
        return "$"  # two dollars are one
    kind = "d" if (kind or "d") in "diu" else kind
    return name, f"0{width}{kind}" if width else kind, match[0]


def _filled(part: tuple[str, str, str], values: Values) -> str:
    name, form, itself = part
    value = values.get(name)
    if value is None:
        return itself
    return value if isinstance(value, str) else format(value, form)
