"""Inside the jail: the BaseURLs of an MPD (ISO/IEC 23009-1, 5.6): mirrors of the same bytes."""

from __future__ import annotations

from urllib.parse import urlsplit

from downloads.engine.egress.url_text import join
from downloads.engine.resolver.manifests.document import Node
from downloads.engine.resolver.manifests.errors import ManifestError, UnsupportedScheme
from downloads.engine.resolver.manifests.limits import MAX_MIRRORS
from downloads.engine.resolver.manifests.numbers import whole

Bases = tuple[str, ...]


def bases_of(holder: Node, above: Bases) -> Bases:
    """Return the base URLs of ``holder``, the preferred first: each of its own BaseURLs, resolved
    as a reference against each of ``above``. Raises ManifestError for an invalid URL."""
    own = sorted(
        (each for each in holder.all("BaseURL") if each.text.strip()), key=_priority
    )  # stable: document order for equal priorities
    if not own:
        return above
    found: dict[str, None] = {}
    wrong = ""
    for base in above:
        for each in own:
            try:
                found[join(base, each.text)] = None
            except ValueError as error:
                wrong = str(error)
    if not found:
        raise ManifestError(f"not a URL: {wrong}"[:200])
    return tuple(found)[:MAX_MIRRORS]


def http_only(bases: Bases) -> Bases:
    """Return those that can be fetched from. Raises UnsupportedScheme if none can."""
    found = tuple(base for base in bases if urlsplit(base).scheme in ("http", "https"))
    if not found:
        raise UnsupportedScheme(urlsplit(bases[0]).scheme)
    return found


def content_length(holder: Node) -> int | None:
    """Return the size in bytes that YouTube's MPDs give in an attribute of their own."""
    base = holder.first("BaseURL")
    return whole(base.prefixed("contentLength")) if base is not None else None


def _priority(base: Node) -> int:
    """Return DVB's priority; the lowest comes first (ETSI TS 103 285, 10.8.2.1)."""
    priority = whole(base.prefixed("priority"))
    return 1 if priority is None else priority
