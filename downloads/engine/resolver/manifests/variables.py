"""Inside the jail: variables of a playlist (draft-pantos-hls-rfc8216bis, sections 4.3 and
4.4.2.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from downloads.engine.resolver.manifests.errors import ManifestError, ManifestTooLarge
from downloads.engine.resolver.manifests.limits import MAX_VARIABLES, MAX_VARIABLES_LENGTH

_REFERENCE = re.compile(r"\{\$([A-Za-z0-9_-]+)\}")
_MOST_REFERENCES = 100  # in one line


class Variables:
    """The variables of a playlist. ``imported``: those that the referring master defines; ``url``:
    the playlist's own."""

    def __init__(self, imported: Iterable[tuple[str, str]] = (), url: str = "") -> None:
        self._imported = dict(imported)
        self._url = url
        self._values: dict[str, str] = {}
        self._length = 0

    @property
    def defined(self) -> list[list[str]]:
        """Return pairs of name and value, in the order of their definition."""
        return [[name, value] for name, value in self._values.items()]

    def define(self, values: dict[str, str]) -> None:
        """Take the attributes of an EXT-X-DEFINE. Raises ManifestError if it defines nothing, or a
        name twice; ManifestTooLarge."""
        name, value = self._definition(values)
        if name in self._values:
            raise ManifestError(f"the variable {name[:100]!r} is defined twice")
        self._values[name] = value
        self._length += len(name) + len(value)
        if len(self._values) > MAX_VARIABLES or self._length > MAX_VARIABLES_LENGTH:
            raise ManifestTooLarge("too many variables")

    def _definition(self, values: dict[str, str]) -> tuple[str, str]:
        if wanted := values.get("QUERYPARAM"):
            return wanted, self._query(wanted)
        if wanted := values.get("IMPORT"):
            if wanted not in self._imported:
                raise ManifestError(f"the variable {wanted[:100]!r} is in no master")
            return wanted, self._imported[wanted]
        if name := values.get("NAME"):
            return name, values.get("VALUE", "")
        raise ManifestError("an EXT-X-DEFINE without a name")

    def _query(self, name: str) -> str:
        """Return the first value of that parameter, decoded as URLSearchParams does."""
        for key, value in parse_qsl(urlsplit(self._url).query, keep_blank_values=True):
            if key == name:
                return value
        raise ManifestError(f"the playlist's address has no parameter {name[:100]!r}")

    def substitute(self, text: str) -> str:
        """Return ``text`` with each ``{$name}`` replaced, once. Raises ManifestError for a name
        that no line before has defined, ManifestTooLarge."""
        if "{$" not in text:
            return text
        if text.count("{$") > _MOST_REFERENCES:
            raise ManifestTooLarge("too many variables in one place")
        return _REFERENCE.sub(self._value, text)

    def _value(self, match: re.Match[str]) -> str:
        if match[1] not in self._values:
            raise ManifestError(f"the variable {match[1][:100]!r} is not defined")
        return self._values[match[1]]
