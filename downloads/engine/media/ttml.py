"""TTML to cues. Runs in the jail: its XML may attack the parser.

Source: https://www.w3.org/TR/ttml2/ (sections 8.1, 12.2 to 12.4). Styles and regions are left out;
a paragraph with timed spans becomes one cue for each of its states.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import html5
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from downloads.engine.media.cues import Cue, escape, tidy
from downloads.engine.media.ttml_time import TimeBase, time_base

_CONTAINERS: Final = frozenset({"body", "div"})
_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"
_DECLARATION = re.compile(r"^\s*<\?xml.*?\?>", re.DOTALL)
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9A-Fa-f]+);)(\w*;?)")
_IMAGE = re.compile(r"<(?:\w+:)?image[\s>/]|[bB]ackgroundImage\s*=")
_FOREVER: Final = float("inf")

Run = tuple[float, float, str]  # from, until, its text


class NotText(ValueError):
    """Subtitles that are pictures, not text."""


@dataclass(frozen=True, slots=True)
class _Span:
    """The active time of an element, and the time container of its children."""

    begin: float
    end: float
    in_sequence: bool = False


def read(text: str) -> Iterator[Cue]:
    """Yield the cues, in the order of the document; a missing ``end`` is infinite.

    Raises ParseError; ValueError if no time can be read; NotText if there are only pictures.
    """
    root = _parse(text)
    if _name(root) != "tt":
        raise ValueError("no TTML")
    reader = _TtmlReader(time_base(root))
    whole = _Span(0.0, _FOREVER)
    count = 0
    for cue in reader.container(root, whole, keeps_space=False):
        count += 1
        yield cue
    if not count and reader.broken:
        raise ValueError("no time that can be read")
    if not count and _IMAGE.search(text):
        raise NotText("images")


def _parse(text: str) -> Element:
    """Parse the text; named characters that XML does not know, and bare ampersands, are
    tolerated."""

    def meant(match: re.Match[str]) -> str:
        known = html5.get(match[1])
        return escape(known) if known else f"&amp;{match[1]}"

    plain = _DECLARATION.sub("", text)
    if "<!DOCTYPE" not in plain:
        plain = _ENTITY.sub(meant, plain)
    return ElementTree.fromstring(plain)  # noqa: S314 - in the jail


class _TtmlReader:
    """A reader of one document. ``broken`` counts the elements whose times cannot be read; they are
    left out."""

    def __init__(self, base: TimeBase) -> None:
        self._base = base
        self.broken = 0

    def span(self, element: Element, around: _Span, follows: float) -> _Span:
        """Return the active time of an element. ``follows``: the end of the sibling before it.
        Raises ValueError."""
        starts_at = follows if around.in_sequence else around.begin
        begin = starts_at + self._time(element.get("begin"), 0.0)
        end = starts_at + self._time(element.get("end"), _FOREVER)
        length = self._time(element.get("dur"), _FOREVER)
        return _Span(
            begin,
            min(end, begin + length, around.end),
            element.get("timeContainer") == "seq",
        )

    def container(self, element: Element, span: _Span, keeps_space: bool) -> Iterator[Cue]:
        """Yield the cues in a body or a div, or in the root around them."""
        keeps_space = _keeps_space(element, keeps_space)
        follows = span.begin
        for child in element:
            name = _name(child)
            if name not in _CONTAINERS and name != "p":
                continue
            try:
                own = self.span(child, span, follows)
            except ValueError:
                self.broken += 1
                continue
            follows = own.end
            if name == "p":
                yield from self._paragraph(child, own, keeps_space)
            else:
                yield from self.container(child, own, keeps_space)

    def _paragraph(self, element: Element, span: _Span, keeps_space: bool) -> Iterator[Cue]:
        runs = list(self._runs(element, span, _keeps_space(element, keeps_space)))
        moments = sorted({moment for begin, end, _ in runs for moment in (begin, end)})
        shown: list[Cue] = []
        for begin, end in itertools.pairwise(moments):
            active = "".join(text for start, until, text in runs if start <= begin and until >= end)
            text = tidy(active.split("\n"))
            if shown and shown[-1].text == text and shown[-1].end == begin:
                shown[-1] = Cue(shown[-1].start, end, text)
            else:
                shown.append(Cue(begin, end, text))
        yield from (cue for cue in shown if cue.text)

    def _runs(self, element: Element, span: _Span, keeps_space: bool) -> Iterator[Run]:
        """Yield the texts in a paragraph or a span, each with its time."""
        yield span.begin, span.end, _text(element.text, keeps_space)
        follows = span.begin
        for child in element:
            name = _name(child)
            if name == "br":
                yield span.begin, span.end, "\n"
            elif name == "span":
                try:
                    own = self.span(child, span, follows)
                except ValueError:
                    self.broken += 1
                else:
                    follows = own.end
                    yield from self._runs(child, own, _keeps_space(child, keeps_space))
            yield span.begin, span.end, _text(child.tail, keeps_space)

    def _time(self, expression: str | None, otherwise: float) -> float:
        if not expression or expression.strip() == "indefinite":
            return otherwise
        return self._base.seconds(expression)


def _keeps_space(element: Element, inherited: bool = False) -> bool:
    return {"preserve": True, "default": False}.get(element.get(_SPACE, ""), inherited)


def _text(text: str | None, keeps_space: bool) -> str:
    return escape((text or "") if keeps_space else re.sub(r"[ \t\r\n]+", " ", text or ""))


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
