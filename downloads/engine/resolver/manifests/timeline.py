"""Inside the jail: how the segments of a representation are told, and how many that makes.

SegmentTemplate, SegmentList and SegmentBase may stand at a period, a set and a representation;
what is nearer wins, attribute by attribute (ISO/IEC 23009-1, 5.3.9.1).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from downloads.engine.resolver.manifests.errors import ManifestError, ManifestTooLarge
from downloads.engine.resolver.manifests.limits import MAX_FRAGMENTS

RANGE = "#ferry-range="  # behind a URL, while yt-dlp's reader carries it
_RANGE = re.compile(r"(\d{1,18})-(\d{1,18})")
# $Number%05d$: yt-dlp formats by it, and a width of a billion is a gigabyte for each segment.
_WIDE = re.compile(r"\$(?:Number|Time|Bandwidth|RepresentationID)%(?!0\d{1,2}d\$)")
_KINDS = ("SegmentTemplate", "SegmentList", "SegmentBase")


@dataclass(frozen=True, slots=True)
class Segmenting:
    """``elements``: the nearest first."""

    elements: tuple[Element, ...] = ()
    has_init: bool = False

    def under(self, holder: Element) -> Segmenting:
        found = tuple(each for kind in _KINDS for each in holder.findall("{*}" + kind))
        for each in found:
            _mark_ranges(each)
        named = any(_names_init(each) for each in found)
        return replace(self, elements=found + self.elements, has_init=self.has_init or named)

    def get(self, name: str) -> str | None:
        return next((each.attrib[name] for each in self.elements if name in each.attrib), None)

    def number(self, name: str, otherwise: int) -> int:
        said = self.get(name)
        return otherwise if said is None else int(said)

    def child(self, name: str) -> Element | None:
        found = (each.find("{*}" + name) for each in self.elements)
        return next((each for each in found if each is not None), None)


def settle(segmenting: Segmenting, length: float | None) -> None:
    """Write repeats out as numbers, for a period of ``length`` seconds.

    Raises ManifestError, ManifestTooLarge."""
    for name in ("media", "initialization"):
        if _WIDE.search(segmenting.get(name) or ""):
            raise ManifestError("a template that is none")
    timescale = segmenting.number("timescale", 1)
    if timescale <= 0:
        raise ManifestError("no timescale")
    timeline = segmenting.child("SegmentTimeline")
    if timeline is not None:
        end = None if length is None else length * timescale
        count = _settle_timeline(timeline, end, segmenting.number("presentationTimeOffset", 0))
    else:
        count = _counted(segmenting, length, timescale)
    if count > MAX_FRAGMENTS:
        raise ManifestTooLarge(f"more than {MAX_FRAGMENTS} segments")


def _settle_timeline(timeline: Element, end: float | None, offset: int) -> int:
    lines = timeline.findall("{*}S")
    count, now = 0, 0
    for place, line in enumerate(lines):
        length, repeats = int(line.attrib["d"]), int(line.get("r", "0"))
        now = int(line.get("t", now))
        if length <= 0:
            raise ManifestError("a segment of no length")
        if repeats < 0:
            until = _until(lines, place, end, offset)
            repeats = max(0, math.ceil((until - now) / length) - 1)
            line.set("r", str(min(repeats, MAX_FRAGMENTS)))
        count += 1 + repeats
        now += length * (1 + repeats)
        if count > MAX_FRAGMENTS:
            break
    return count


def _until(lines: list[Element], place: int, end: float | None, offset: int) -> float:
    """Where a repeat without a number ends: where the next begins, else with the period."""
    if place + 1 < len(lines) and "t" in lines[place + 1].attrib:
        return int(lines[place + 1].attrib["t"])
    if end is None:
        raise ManifestError("a repeat without an end")
    return end + offset


def _counted(segmenting: Segmenting, length: float | None, timescale: int) -> int:
    duration = segmenting.get("duration")
    if segmenting.get("media") is None or duration is None or length is None:
        return 0
    if float(duration) <= 0:
        raise ManifestError("a segment of no length")
    return math.ceil(length * timescale / float(duration))


def _names_init(element: Element) -> bool:
    """SegmentBase's is within the file itself."""
    named = "initialization" in element.attrib or element.find("{*}Initialization") is not None
    return named and not element.tag.endswith("SegmentBase")


def _mark_ranges(element: Element) -> None:
    """Ranges of one file go behind its URL: yt-dlp's reader knows URLs alone."""
    for tag, url, span in (
        ("SegmentURL", "media", "mediaRange"),
        ("Initialization", "sourceURL", "range"),
    ):
        for each in element.findall("{*}" + tag):
            said = each.attrib.pop(span, "")
            if said:
                each.set(url, f"{each.get(url, '')}{RANGE}{said}")
            elif url not in each.attrib:
                each.set(url, "")


def split_range(url: str) -> tuple[str, tuple[int, int] | None]:
    """The URL, and the half-open range that :func:`_mark_ranges` put behind it."""
    plain, mark, said = url.partition(RANGE)
    if not mark:
        return url, None
    match = _RANGE.fullmatch(said)
    if match is None or int(match[2]) < int(match[1]):
        raise ManifestError("a range that is none")
    return plain, (int(match[1]), int(match[2]) + 1)
