"""Inside the jail: remote elements of an MPD (ISO/IEC 23009-1, 5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from downloads.engine.egress import url_text
from downloads.engine.resolver.manifests import document
from downloads.engine.resolver.manifests.document import Node
from downloads.engine.resolver.manifests.errors import ManifestError, ManifestTooLarge
from downloads.engine.resolver.manifests.limits import MAX_LINKS

_NOTHING = "urn:mpeg:dash:resolve-to-zero:2013"
LOST = "LostPeriod"  # the name of a period whose link led nowhere
_DEEPEST = 5  # nested links
# Elements that are irrelevant for the media are not requested.
_FOLLOWED = frozenset({"Period", "AdaptationSet", "SegmentList"})


def resolve(root: Node, url: str, linked: Mapping[str, str | None]) -> list[str]:
    """Replace each link by its target. Return the URLs that must be fetched first; the tree is
    complete if there are none. A period whose target is missing becomes ``LOST``.

    Raises ManifestError, ManifestTooLarge.
    """
    wanted: dict[str, None] = {}
    _replace_in(root, url, linked, wanted, 0)
    if len(wanted) + len(linked) > MAX_LINKS:
        raise ManifestTooLarge(f"more than {MAX_LINKS} links")
    return list(wanted)


def _replace_in(
    holder: Node, url: str, linked: Mapping[str, str | None], wanted: dict[str, None], depth: int
) -> None:
    children: list[Node] = []
    for child in holder.children:
        href = child.prefixed("href") if child.name in _FOLLOWED else None
        if href is None:
            _replace_in(child, url, linked, wanted, depth)
            children.append(child)
        elif href.strip() != _NOTHING:
            children += _led_to(child, url_text.join(url, href), linked, wanted, depth)
    holder.children = children


def _led_to(
    child: Node, url: str, linked: Mapping[str, str | None], wanted: dict[str, None], depth: int
) -> list[Node]:
    if urlsplit(url).scheme not in ("http", "https"):
        return _instead(child, url)
    if url not in linked:
        wanted[url] = None
        return []
    text = linked[url]
    if text is None:
        return _instead(child, url)
    if depth >= _DEEPEST:
        raise ManifestError("links that lead to links")
    found = [each for each in document.parse_linked(text) if each.name == child.name]
    if not found:
        return _instead(child, url)
    # Each is independent, but the attributes of the link, such as its start, apply to the first.
    for name, value in child.attributes.items():
        if ":" not in name:
            found[0].attributes.setdefault(name, value)
    around = Node("", {})
    around.children = found
    _replace_in(around, url, linked, wanted, depth + 1)
    return around.children


def _instead(child: Node, url: str) -> list[Node]:
    """Return the element's own content, if it has any, for a dead link (5.5.3). Players skip an
    empty period: an advertisement that was not booked, for example."""
    if not child.children and child.name == "Period":
        return [Node(LOST, {})]
    if not child.children:
        raise ManifestError(f"a {child.name} that stands elsewhere: {url}"[:200])
    child.attributes = {k: v for k, v in child.attributes.items() if not k.endswith(":href")}
    return [child]
