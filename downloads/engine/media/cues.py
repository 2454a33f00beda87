"""What subtitles are made of, and how WebVTT writes it. Pure; runs in the jail.

Source: https://www.w3.org/TR/webvtt1/
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_TAG = re.compile(r"</?(?:[biu]|c|v|lang|ruby|rt)(?:[. \t][^<>]*)?>")
_NOT_ALLOWED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Cue:
    """``start`` and ``end`` in seconds. ``text`` is WebVTT's own; ``settings`` say where."""

    start: float
    end: float
    text: str
    settings: str = ""


def write(cues: Iterable[Cue]) -> str:
    """In the order of their time, each once: a cue over a cut stands in both pieces."""
    known = dict.fromkeys(cue for cue in cues if cue.end > cue.start >= 0 and cue.text)
    ordered = sorted(known, key=lambda cue: (cue.start, cue.end))
    blocks = [f"{_times(cue)}\n{cue.text}\n" for cue in ordered]
    return "\n".join(["WEBVTT\n", *blocks])


def tidy(lines: Iterable[str]) -> str:
    """Text of a cue: no empty line, which would end it, and no arrow, which would begin one."""
    kept = (_NOT_ALLOWED.sub("", line).strip().replace("-->", "->") for line in lines)
    return "\n".join(line for line in kept if line)


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_all_but_tags(text: str) -> str:
    """Keep what WebVTT knows (<i>, <b>...); show the rest as what it is."""
    pieces = []
    end = 0
    for tag in _TAG.finditer(text):
        pieces += [_escape_brackets(text[end : tag.start()]), tag[0]]
        end = tag.end()
    return "".join([*pieces, _escape_brackets(text[end:])])


def _escape_brackets(text: str) -> str:
    bare = re.sub(r"&(?!(?:#\d+|#x[0-9A-Fa-f]+|\w+);)", "&amp;", text)
    return bare.replace("<", "&lt;").replace(">", "&gt;")


def _times(cue: Cue) -> str:
    return f"{_clock(cue.start)} --> {_clock(cue.end)}{' ' * bool(cue.settings)}{cue.settings}"


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
