"""Inside the jail: the query that an MPD requires on its segments' URLs (ISO/IEC 23009-1, annex I):
usually a token of the MPD's own URL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from downloads.engine.resolver.manifests.document import Node

_SCHEME = "urn:mpeg:dash:urlparam:201"  # 2014, and 2016 with more forms
_PLACE = re.compile(r"\$(?:querypart|query:([^$]{1,200}))\$")


def query_of(holders: Iterable[Node], url: str) -> str:
    """Return the query, empty if none is required. ``holders``: the nearest first; ``url``: the
    MPD's own."""
    return next((found for each in holders for found in _queries(each, url)), "")


def with_query(reference: str, query: str) -> str:
    if not query:
        return reference
    before, mark, fragment = reference.partition("#")
    return f"{before}{'&' if '?' in before else '?'}{query}{mark}{fragment}"


def _queries(holder: Node, url: str) -> Iterator[str]:
    for kind in ("EssentialProperty", "SupplementalProperty"):
        for each in holder.all(kind):
            if (each.get("schemeIdUri") or "").strip().startswith(_SCHEME):
                for info in each.children:
                    if info.name in ("UrlQueryInfo", "ExtUrlQueryInfo"):
                        yield _query(info, url)


def _query(info: Node, url: str) -> str:
    wanted = (info.get("includeInRequests") or "segment").split()
    if "segment" not in wanted:
        return ""
    own = urlsplit(url).query if info.get("useMPDUrlQuery") == "true" else ""
    known = "&".join(part for part in (info.get("queryString") or "", own) if part)
    values = dict(part.partition("=")[::2] for part in known.split("&") if part)
    template = info.get("queryTemplate") or ""
    return _PLACE.sub(lambda place: values.get(place[1], "") if place[1] else known, template)
