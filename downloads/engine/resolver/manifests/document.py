"""Inside the jail: an MPD (ISO/IEC 23009-1) made ready for yt-dlp's reader.

yt-dlp knows templates, timelines and lists. What it passes over is settled here first: which
address a BaseURL comes to, how long a period is, repeats up to a period's end (``r="-1"``),
byte ranges in a list. Facts that it has no field for go around it, by the place of each
representation, which stands in ``lang`` meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from downloads.engine.resolver.manifests.durations import seconds
from downloads.engine.resolver.manifests.errors import (
    ManifestError,
    ManifestTooLarge,
    UnsupportedScheme,
)
from downloads.engine.resolver.manifests.facts import Facts, facts_of
from downloads.engine.resolver.manifests.limits import MAX_VARIANTS
from downloads.engine.resolver.manifests.timeline import Segmenting, settle

_MOST_ELEMENTS = 300_000
_DEEPEST = 50
_MOST_PERIODS = 500


@dataclass(frozen=True, slots=True)
class PreparedManifest:
    """``facts``: by the number that each representation carries in ``lang``, with a ``#``."""

    root: Element
    live: bool
    duration: float | None
    title: str
    facts: list[Facts] = field(default_factory=list)


def prepare(text: str, url: str) -> PreparedManifest:
    """Raises ManifestError, ManifestTooLarge."""
    root = _parse(text)
    if _name(root) != "MPD":
        raise ManifestError("it is no MPD")
    try:
        return _prepare(root, url)
    except (KeyError, ValueError, OverflowError, ZeroDivisionError) as error:
        raise ManifestError(f"{type(error).__name__}: {error}"[:200]) from None


def _prepare(root: Element, url: str) -> PreparedManifest:
    total = seconds(root.get("mediaPresentationDuration", ""))
    periods = [period for period in root.findall("{*}Period") if _sets(period)]
    if not periods:
        raise ManifestError("there is nothing in it")
    if len(periods) > _MOST_PERIODS:
        raise ManifestTooLarge(f"more than {_MOST_PERIODS} periods")
    if any(len(_representations(period)) > MAX_VARIANTS for period in periods):
        raise ManifestTooLarge(f"more than {MAX_VARIANTS} representations")
    lengths = _lengths(root.findall("{*}Period"), total)
    facts: list[Facts] = []
    base = _base(root, url)
    for place, period in enumerate(root.findall("{*}Period")):
        if "{http://www.w3.org/1999/xlink}href" in period.attrib:
            raise ManifestError("a period that stands elsewhere")
        _period(period, _base(period, base), lengths[place], facts)
    _drop_bases([root, *root.findall("{*}Period")])
    title = root.findtext("{*}ProgramInformation/{*}Title", "") or ""
    dynamic = root.get("type") == "dynamic"
    return PreparedManifest(
        root=root,
        # One that tells its whole length and is not to be asked again has ended.
        live=dynamic and (total is None or "minimumUpdatePeriod" in root.attrib),
        duration=total if total is not None else sum(each or 0 for each in lengths) or None,
        title=" ".join(title.split())[:1000],
        facts=facts,
    )


def _period(period: Element, base: str, length: float | None, facts: list[Facts]) -> None:
    if length is not None:
        period.set("duration", f"PT{length:.6f}S")
    in_period = Segmenting().under(period)
    for adaptation in _sets(period):
        in_set = in_period.under(adaptation)
        set_base = _base(adaptation, base)
        for representation in adaptation.findall("{*}Representation"):
            segmenting = in_set.under(representation)
            settle(segmenting, length)
            facts.append(facts_of(adaptation, representation, segmenting.has_init))
            representation.set("lang", f"#{len(facts) - 1}")
            _set_base(representation, _base(representation, set_base))
        _drop_bases([adaptation])


def _sets(period: Element) -> list[Element]:
    return period.findall("{*}AdaptationSet")


def _representations(period: Element) -> list[Element]:
    return period.findall("{*}AdaptationSet/{*}Representation")


def _lengths(periods: list[Element], total: float | None) -> list[float | None]:
    """In seconds: what it says, else until the next begins, else what is left of it all."""
    starts: list[float | None] = []
    lengths: list[float | None] = []
    for place, period in enumerate(periods):
        start = seconds(period.get("start", ""))
        if start is None:
            before = (starts[-1], lengths[-1]) if place else (0.0, 0.0)
            start = None if None in before else sum(each or 0 for each in before)
        starts.append(start)
        length = seconds(period.get("duration", ""))
        if length is None and start is not None:
            after = (
                seconds(periods[place + 1].get("start", "")) if place + 1 < len(periods) else total
            )
            length = None if after is None else max(0.0, after - start)
        lengths.append(length)
    return lengths


# --- BaseURL ------------------------------------------------------------------------------


def _base(element: Element, above: str) -> str:
    """The first BaseURL, resolved as any reference is (5.6.4), not glued on."""
    found = (element.findtext("{*}BaseURL") or "").strip()
    return urljoin(above, found.replace(" ", "%20")) if found else above


def _set_base(representation: Element, base: str) -> None:
    """One absolute BaseURL, whose extension attributes stay (YouTube tells a size in one)."""
    scheme = urlsplit(base).scheme
    if scheme not in ("http", "https"):
        raise UnsupportedScheme(scheme)
    held = representation.find("{*}BaseURL")
    if held is None:
        held = Element(representation.tag.replace("Representation", "BaseURL"))
    _drop_bases([representation])
    held.text = base
    representation.append(held)


def _drop_bases(elements: Iterable[Element]) -> None:
    for element in elements:
        for held in element.findall("{*}BaseURL"):
            element.remove(held)


# --- XML ----------------------------------------------------------------------------------


class _Builder(TreeBuilder):
    """No document type: so no entity, inside or outside. Not too many elements, nor too deep."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._depth = 0

    def doctype(self, *declared: object) -> None:
        raise ManifestError("a document type is declared")

    def start(self, tag: str, attrs: dict[str, str]) -> Element:
        self._count += 1
        self._depth += 1
        if self._count > _MOST_ELEMENTS or self._depth > _DEEPEST:
            raise ManifestTooLarge(
                f"more than {_MOST_ELEMENTS} elements, or deeper than {_DEEPEST}"
            )
        return super().start(tag, attrs)

    def end(self, tag: str) -> Element:
        self._depth -= 1
        return super().end(tag)


def _parse(text: str) -> Element:
    reader = XMLParser(target=_Builder())  # noqa: S314 - no document type, no entities; bounded
    try:
        reader.feed(text)
        return reader.close()
    except (ParseError, ValueError) as error:
        raise ManifestError(f"XML: {error}"[:200]) from None


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]
