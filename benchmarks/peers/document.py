"""The page ``docs/peers.md``: a section for each family, each replaced alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.peers.rows import Row
from benchmarks.peers.verdicts import wants_error

TITLES = {"http": "Files over HTTP", "hls": "HLS", "dash": "DASH"}
HEAD = """# Beside other programs

The inputs of `tests/field` but those about subtitles, put to programs that many people use, and to
Ferry. A table is made by hand with the command above it; `--only KIND ...` behind it prints some
rows.

- **right**: the very bytes under the right name, or the pictures and the sound in their places; in
  a row marked *(error)*, of which nothing right can come: refused.
- **wrong**: something else, kept as if it were right.
- **refused**: an error, or no end within 30 seconds.
- **-**: not asked: it plays no such codec, or cannot be told the quality.

Ferry is held to every packet and its place; the others may differ by what a viewer cannot see: one
picture at the end, a few packets of silence, 0.1 seconds. Chromium here plays H.264, AAC and MP3.
"""

_EDITS = (
    "In *{}* the films tell by edit lists alone when a track begins, which ffmpeg heeds and the "
    "buffers of Chromium do not.\n"
)
NOTES = {
    "http": "*Range refused*, 429 and 503: the origin refuses a Range alone. The others send none "
    "and get the film; Ferry waits, as it is told to.\n",
    "hls": _EDITS.format("late sound"),
    "dash": _EDITS.format("dash time offset"),
}


def write(path: Path, family: str, section: str) -> None:
    """Replace the family's section; families come in the order of TITLES."""
    text = path.read_text() if path.exists() else ""
    parts = dict(re.findall(r"(?ms)^## ([^\n]+)\n(.*?)(?=^## |\Z)", text))
    parts[TITLES[family]] = f"\n{section.strip()}\n\n"
    chosen = (f"## {title}\n{parts[title]}" for title in TITLES.values() if title in parts)
    path.write_text(f"{HEAD}\n{''.join(chosen).rstrip()}\n")


def section(
    family: str, rows: Sequence[Row], commands: Sequence[str], versions: Mapping[str, str], on: str
) -> str:
    programs = ", ".join(f"{name} {version}" for name, version in versions.items())
    ran = "\n".join(commands)
    return "\n".join(
        [
            "```", f"python -m benchmarks.peers {family}", "```", "",
            f"Made on {on} with {programs}. Asked were:", "", "```", ran, "```", "",
            *_summary(rows), *filter(None, [NOTES.get(family)]), table(rows),
        ]
    )  # fmt: skip


def _summary(rows: Sequence[Row]) -> list[str]:
    lists = {
        "Two of the others are right, and Ferry is not": [row for row in rows if row.is_behind],
        "Ferry keeps something wrong": [row for row in rows if row.is_stored_wrong],
    }
    lines = []
    for title, chosen in lists.items():
        named = "; ".join(f"{_kind(row)}: {_escaped(row.name)}" for row in chosen)
        lines += [f"{title}: {named or 'nowhere'}.", ""]
    return lines


def table(rows: Sequence[Row]) -> str:
    names = list(rows[0].cells)
    lines = [_line(["kind", "form", *names]), _line(["---"] * (len(names) + 2))]
    for before, row in zip((None, *rows), rows, strict=False):
        kind = "" if before is not None and before.kind == row.kind else _kind(row)
        form = _escaped(row.name) + (" *(error)*" if wants_error(row.form.expected) else "")
        lines.append(_line([kind, form, *(_escaped(str(row.cells[name])) for name in names)]))
    right = [sum(row.cells[name].verdict == "right" for row in rows) for name in names]
    return "\n".join([*lines, _line(["**right**", f"of {len(rows)}", *map(str, right)])])


def _kind(row: Row) -> str:
    return row.kind.replace("_", " ")


def _escaped(text: str) -> str:
    return re.sub(r"([\\|<>*_`\[\]])", r"\\\1", " ".join(text.split()))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
