"""Inside the jail: the lines and attribute lists of an HLS playlist (RFC 8216, 4.1 and 4.2).

Read as hls.js and ffmpeg read them: an invalid optional attribute counts as missing, and the rest
is kept.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from downloads.engine.resolver.manifests.errors import ManifestTooLarge
from downloads.engine.resolver.manifests.variables import Variables

_LONGEST_LINE = 64 * 1024  # characters; one with a data: URI is bounded by the whole alone
# str.splitlines() would also break at U+0085, U+2028 and others, which a title may hold.
_LINE = re.compile(r"[^\r\n]++")
# Commas separate, except between quotes; a quote that is left open runs to the end.
_PART = re.compile(r'(?:[^,"]++|"[^"]*+(?:"|\Z))++')
_NAMED = re.compile(r"\s*([A-Za-z0-9_.-]{1,100})\s*=\s*(.*)", re.DOTALL)
_NUMBER = re.compile(r"\s*\+?((?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})(?:[eE][+-]?\d{1,3})?)")
_SUBSTITUTED_BARE = frozenset({"IV", "URI"})


def lines(text: str) -> Iterator[str]:
    """Yield the lines that are not blank, stripped. Raises ManifestTooLarge."""
    for match in _LINE.finditer(text):
        line = match[0].strip()
        if len(line) > _LONGEST_LINE and "data:" not in line[:_LONGEST_LINE]:
            raise ManifestTooLarge(f"a line of more than {_LONGEST_LINE} characters")
        if line:
            yield line


def attributes(text: str, variables: Variables) -> dict[str, str]:
    """Return the values by name in upper case, without quotes and with variables substituted.

    A part without a name continues the bare value before it: ``CODECS=avc1.4d401f,mp4a.40.2`` is
    one attribute. Raises ManifestError for a variable that is not defined.
    """
    found: dict[str, str] = {}
    last = ""
    for part in _PART.findall(text):
        match = _NAMED.match(part)
        if match is None:
            if last:
                found[last] += f",{part.strip()}"
            continue
        name, value = match[1].upper(), match[2].strip()
        is_quoted = value.startswith('"')
        if is_quoted:
            value = value[1:].partition('"')[0]
        if is_quoted or name in _SUBSTITUTED_BARE:
            value = variables.substitute(value)
        found[name] = value.strip()
        last = "" if is_quoted else name
    return found


def number(text: str | None) -> float | None:
    """Return the number at the start of a value, as browsers' parseFloat does; None if there is
    none, or if it is negative or not finite."""
    match = _NUMBER.match((text or "").lstrip(' "'))
    value = float(match[1]) if match else math.nan
    return value if math.isfinite(value) else None
