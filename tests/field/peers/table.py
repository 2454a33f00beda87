"""The result as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.field.peers.players import PACKAGES
from tests.field.peers.verdicts import Verdict

TITLES = {"http": "Files", "hls": "HLS", "dash": "DASH"}
HEAD = """# Beside other programs

The inputs of `tests/field`, put to programs that many people use, and to Ferry. Made by hand with

```
python -m tests.field.peers
```

which installs the two players from npm into a scratch folder, and needs npm, curl, ffmpeg and
Chromium; it takes some minutes. `KIND ...` behind it runs some kinds and prints their rows.
Made with {versions}.

- **right**: the very bytes, or the very pictures and sound in their places; for a row marked
  *(error)*, which nothing right can come of: refused.
- **wrong**: something else, kept as if it were right.
- **refused**: an error, or nothing.

curl runs with `-f -g -L --compressed -b ""`. Chromium downloads a link on a page of the same site;
hls.js and Shaka Player play in it and are judged by what they append, demuxed; they get subtitles
where a row has some. ffmpeg copies the streams and no subtitles. Chromium here plays H.264, AAC and
MP3 alone. A name is judged of Ferry alone.
"""


@dataclass(frozen=True)
class Row:
    family: str
    kind: str
    form: str
    wants_error: bool
    verdicts: Mapping[str, Verdict]

    @property
    def is_behind(self) -> bool:
        """Do two peers have what Ferry has not?"""
        peers = [verdict for name, verdict in self.verdicts.items() if name != "Ferry"]
        return peers.count(Verdict.RIGHT) >= 2 and self.verdicts["Ferry"] is not Verdict.RIGHT


def document(rows: Sequence[Row], versions: Mapping[str, str]) -> str:
    told = ", ".join(f"{name} {version}" for name, version in {**PACKAGES, **versions}.items())
    parts = [HEAD.replace("{versions}", told), _summary(rows)]
    for family, title in TITLES.items():
        chosen = [row for row in rows if row.family == family]
        if chosen:
            parts.append(f"## {title}\n\n{_table(chosen)}")
    return "\n".join(parts)


def _summary(rows: Sequence[Row]) -> str:
    behind = [f"- {row.kind}: {row.form}" for row in rows if row.is_behind]
    wrong = [f"- {row.kind}: {row.form}" for row in rows
             if row.verdicts["Ferry"] is Verdict.WRONG]  # fmt: skip
    lines = [
        "Rows in which two peers are right and Ferry is not:", *(behind or ["none."]), "",
        "Rows in which Ferry keeps something wrong:", *(wrong or ["none."]), "",
    ]  # fmt: skip
    return "\n".join(lines)


def _table(rows: Sequence[Row]) -> str:
    names = list(rows[0].verdicts)
    lines = [_line(["kind", "form", *names]), _line(["---"] * (len(names) + 2))]
    before = ""
    for row in rows:
        form = f"{row.form} *(error)*" if row.wants_error else row.form
        kind = row.kind.replace("_", " ") if row.kind != before else ""
        before = row.kind
        lines.append(_line([kind, _escaped(form), *(row.verdicts[name] for name in names)]))
    counts = [_count(rows, name) for name in names]
    return "\n".join([*lines, _line(["**right**", f"of {len(rows)}", *counts]), ""])


def _count(rows: Sequence[Row], name: str) -> str:
    return str(Counter(row.verdicts[name] for row in rows)[Verdict.RIGHT])


def _escaped(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("*(", " *(")


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
