"""SubRip and SubStation Alpha, as ffmpeg and mpv read them. Pure; runs in the jail.

SubRip has no specification: cues run from one line of times to the next, whatever is in between
(blank lines in a text, no blank line between two cues, numbers that are wrong or missing).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from downloads.engine.media.cues import Cue, escape_all_but_tags, tidy

_TIME: Final = r"(-?)(?:(\d+)\s*:\s*)?(\d{1,2})\s*:\s*(\d{1,2})(?:\s*[.,:]\s*(\d+))?"
TIMING = re.compile(rf"\s*{_TIME}\s*-{{1,3}}>\s*{_TIME}(?!\d)")
_NUMBER = re.compile(r"\s*\d+\s*")
# None of them matches across the begin of another: on a long row that would take quadratic time.
_DROPPED = re.compile(r"</?(?:font|c\.[^<>]*)\b[^<>]*>|\{\\[^{}]*\}", re.IGNORECASE)
_STYLE = re.compile(r"<[ \t]{0,3}(/?)[ \t]{0,3}([biu])[ \t]{0,3}>|\{(/?)([biu])\}", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>|\\N", re.IGNORECASE)

_SSA = re.compile(r"^[ \t]*(?:\[Script Info\]|Dialogue:)", re.IGNORECASE | re.MULTILINE)
_SSA_FORMAT: Final = (
    "layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text",
)  # fmt: skip
_SSA_TIME = re.compile(r"\s*(\d+):(\d{1,2}):(\d{1,2})[.:,](\d+)\s*")
_SSA_STYLE = re.compile(r"\\([biu])(\d*)(?![A-Za-z])")
_SSA_DRAWING = re.compile(r"\\p[1-9]")
_SSA_OVERRIDE = re.compile(r"\{([^{}]*)\}")


def is_subrip(text: str) -> bool:
    return any(TIMING.match(line) for line in text[:100_000].split("\n"))


def read_subrip(text: str) -> Iterator[Cue]:
    """Yield the cues; lines end with LF."""
    timing: re.Match[str] | None = None
    lines: list[str] = []
    for line in text.split("\n"):
        if match := TIMING.match(line):
            if timing is not None:
                yield _cue(timing, _without_number(lines))
            timing, lines = match, []
        else:
            lines.append(line)
    if timing is not None:
        yield _cue(timing, lines)


def _without_number(lines: list[str]) -> list[str]:
    """Return the lines without the number of the next cue, which is right above its times."""
    if lines and _NUMBER.fullmatch(lines[-1]):
        return lines[:-1]
    return lines


def _cue(timing: re.Match[str], lines: list[str]) -> Cue:
    groups = timing.groups()
    text = _BREAK.sub("\n", _DROPPED.sub("", "\n".join(lines)))
    text = _STYLE.sub(
        lambda tag: f"<{tag[1] or tag[3] or ''}{(tag[2] or tag[4]).lower()}>",
        text.replace("\\h", "\u00a0"),
    )
    shown = escape_all_but_tags(tidy(text.split("\n")))
    return Cue(_seconds(groups[:5]), _seconds(groups[5:10]), shown)


def _seconds(clock: tuple[str | None, ...]) -> float:
    sign, hours, minutes, seconds, fraction = (part or "" for part in clock)
    whole = int(hours[-9:] or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    found = whole + float(f"0.{fraction[:9] or 0}")
    return -found if sign else found


# --- SubStation Alpha ---------------------------------------------------------------------


def is_ssa(text: str) -> bool:
    return _SSA.search(text[:100_000]) is not None


def read_ssa(text: str) -> Iterator[Cue]:
    """Yield the dialogue of [Events]; styles and drawings are left out."""
    names: tuple[str, ...] = _SSA_FORMAT
    in_events = "[events]" not in text.lower()
    for line in text.split("\n"):
        head, _, rest = line.strip().partition(":")
        if head.startswith("["):
            in_events = head.lower() == "[events]"
        elif in_events and head.lower() == "format":
            names = tuple(name.strip().lower() for name in rest.split(","))
        elif in_events and head.lower() == "dialogue" and (cue := _dialogue(names, rest)):
            yield cue


def _dialogue(names: tuple[str, ...], rest: str) -> Cue | None:
    fields = dict(zip(names, rest.split(",", len(names) - 1), strict=False))
    start = _SSA_TIME.fullmatch(fields.get("start", ""))
    end = _SSA_TIME.fullmatch(fields.get("end", ""))
    if start is None or end is None:
        return None
    text = fields.get("text", "")
    if any(_SSA_DRAWING.search(codes) for codes in _SSA_OVERRIDE.findall(text)):
        return None
    marked = _SSA_OVERRIDE.sub(lambda codes: _style(codes[1]), text)
    for mark, meant in (("\\N", "\n"), ("\\n", "\n"), ("\\h", "\u00a0")):
        marked = marked.replace(mark, meant)
    shown = escape_all_but_tags(tidy(marked.split("\n")))
    return Cue(_seconds(("", *start.groups())), _seconds(("", *end.groups())), shown)


def _style(codes: str) -> str:
    """Return the tags for style codes: ``\\i1`` as ``<i>``; a weight of 700 is bold too."""
    return "".join(
        f"<{'' if value not in ('', '0') else '/'}{name}>"
        for name, value in _SSA_STYLE.findall(codes)
    )
