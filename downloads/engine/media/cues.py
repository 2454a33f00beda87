"""Cues, and the WebVTT that they are written as. Pure; runs in the jail.

Source: https://www.w3.org/TR/webvtt1/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

_TAG = re.compile(r"</?(?:[biu]|c|v|lang|ruby|rt)(?:[. \t][^<>]*)?>")
_NOT_ALLOWED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BARE_AMPERSAND = re.compile(r"&(?!(?:#\d+|#x[0-9A-Fa-f]+|\w+);)")
# Times are in ticks, frames or milliseconds: those of one cue differ by as much in two pieces.
_ROUNDING: Final = 0.02  # seconds
_LONGEST: Final = 15_000  # characters of a cue: MP4 holds 64 KiB of each, and fails at more
_LAST_MOMENT: Final = 500 * 3600.0  # seconds: what milliseconds in 31 bits come to, and less


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue. ``start`` and ``end`` in seconds. ``text`` is WebVTT's own; ``settings`` give its
    position."""

    start: float
    end: float
    text: str
    settings: str = ""


def write(cues: Iterable[Cue], regions: Iterable[str] = ()) -> str:
    """Return WebVTT: the visible cues, ordered by time, each once.

    A cue across a cut is in both pieces. ``regions``: the bodies of the REGION blocks that the
    cues' settings name.
    """
    timed = (
        Cue(
            round(max(cue.start, 0.0), 3),
            round(min(cue.end, _LAST_MOMENT), 3),
            cue.text[:_LONGEST],
            cue.settings,
        )
        for cue in cues
    )
    shown = (cue for cue in timed if cue.end > cue.start and cue.text.strip())
    ordered = sorted(shown, key=lambda cue: (cue.start, cue.end))
    blocks = [f"REGION\n{body}\n" for body in regions]
    blocks += [f"{_times(cue)}\n{cue.text}\n" for cue in _once(ordered)]
    return "\n".join(["WEBVTT\n", *blocks])


def _once(ordered: Iterable[Cue]) -> Iterator[Cue]:
    """Leave out what repeats an earlier cue, up to the rounding of two pieces' clocks."""
    known: dict[tuple[str, str], list[Cue]] = {}
    for cue in ordered:
        earlier = known.setdefault((cue.text, cue.settings), [])
        while earlier and cue.start - earlier[0].start > _ROUNDING:
            earlier.pop(0)
        if any(abs(cue.end - other.end) <= _ROUNDING for other in earlier):
            continue
        earlier.append(cue)
        yield cue


def joined(cues: Sequence[Cue]) -> list[Cue]:
    """Return the cues merged that a container cut at the bounds of its samples or segments."""
    open_ends: dict[tuple[str, str], int] = {}
    found: list[Cue] = []
    for cue in sorted(cues, key=lambda each: (each.start, each.end)):
        place = open_ends.get((cue.text, cue.settings))
        if place is not None and cue.start - found[place].end <= _ROUNDING:
            found[place] = replace(found[place], end=max(found[place].end, cue.end))
            continue
        open_ends[cue.text, cue.settings] = len(found)
        found.append(cue)
    return found


def tidy(lines: Iterable[str]) -> str:
    """Return the text of a cue: no empty line, which would end it, and no arrow, which would begin
    one."""
    kept = (_NOT_ALLOWED.sub("", line).strip().replace("-->", "->") for line in lines)
    return "\n".join(line for line in kept if line)


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_all_but_tags(text: str) -> str:
    """Keep the tags that WebVTT knows (<i>, <b>...); escape the rest."""
    pieces = []
    end = 0
    for tag in _TAG.finditer(text):
        pieces += [_escape_brackets(text[end : tag.start()]), tag[0]]
        end = tag.end()
    return "".join([*pieces, _escape_brackets(text[end:])])


def _escape_brackets(text: str) -> str:
    return _BARE_AMPERSAND.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")


def _times(cue: Cue) -> str:
    return f"{_clock(cue.start)} --> {_clock(cue.end)}{' ' * bool(cue.settings)}{cue.settings}"


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
