"""TTML to cues. Runs in the jail: its XML may do what it likes to the parser.

Source: https://www.w3.org/TR/ttml1/ (section 10.3.1, time expressions)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from downloads.engine.media.cues import Cue, escape, tidy

_CLOCK = re.compile(r"(\d+):(\d\d):(\d\d)(?:\.(\d+)|:(\d+(?:\.\d+)?))?")
_OFFSET = re.compile(r"(\d+(?:\.\d+)?)(h|m|s|ms|f|t)")
_CONTAINERS = ("body", "div", "tt")


@dataclass(frozen=True, slots=True)
class _Rates:
    """A second."""

    frames: float = 30.0
    ticks: float = 1.0


def read(text: str) -> Iterator[Cue]:
    """Raises ParseError, ValueError."""
    root = ElementTree.fromstring(text)  # noqa: S314 - in the jail
    return _cues(root, 0.0, _rates(root))


def _rates(root: Element) -> _Rates:
    def parameter(name: str) -> str:
        found = (value for key, value in root.attrib.items() if key.endswith("}" + name))
        return next(found, "")

    frames = float(parameter("frameRate") or 30)
    top, _, bottom = parameter("frameRateMultiplier").partition(" ")
    if top and bottom:
        frames *= float(top) / float(bottom)
    ticks = parameter("tickRate")
    return _Rates(frames, float(ticks) if ticks else frames if parameter("frameRate") else 1.0)


def _cues(element: Element, begin: float, rates: _Rates) -> Iterator[Cue]:
    """``begin``: when the element around this one does, in seconds."""
    for child in element:
        name = _name(child)
        own = begin + _time(child.get("begin"), rates)
        if name in _CONTAINERS:
            yield from _cues(child, own, rates)
        elif name == "p":
            end = child.get("end")
            length = child.get("dur")
            until = begin + _time(end, rates) if end else own + _time(length, rates)
            yield Cue(own, until, tidy("".join(_text(child)).split("\n")))


def _text(element: Element) -> Iterator[str]:
    yield _collapsed(element.text)
    for child in element:
        yield "\n" if _name(child) == "br" else "".join(_text(child))
        yield _collapsed(child.tail)


def _collapsed(text: str | None) -> str:
    return escape(re.sub(r"\s+", " ", text or ""))


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _time(expression: str | None, rates: _Rates) -> float:
    if not expression:
        return 0.0
    if match := _CLOCK.fullmatch(expression.strip()):
        hours, minutes, seconds, fraction, frames = match.groups()
        whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
        return whole + float(f"0.{fraction or 0}") + float(frames or 0) / rates.frames
    if match := _OFFSET.fullmatch(expression.strip()):
        unit = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
        unit |= {"f": 1 / rates.frames, "t": 1 / rates.ticks}
        return float(match[1]) * unit[match[2]]
    raise ValueError("no time")
