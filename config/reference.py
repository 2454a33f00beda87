"""The reference of the variables, written from their table: `python -m config.reference`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from config.datadir import BASE_DIR
from config.variables import SECTIONS, Variable

_PAGE_HEAD = """\
# Configuration

By environment variable, or in `.env` (see `.env.example`); the environment wins. Set to nothing is
the same as not set. A wrong value stops the start with one line that names the variable and the
fix. Sizes take bytes, `500 MB` or `1 GiB`; times take seconds, `90m` or `12h`; a relative path
starts at the project's folder.

Each secret (marked with a key: &#128273;) can stand in a file instead: `NAME_FILE` names it.

This page is written by `make docs` from `config/variables/`.
"""

_TABLE_HEAD = """\
| name | value | default | meaning |
|---|---|---|---|
"""

_EXAMPLE_HEAD = """\
# Copy to .env and uncomment what you change. The environment wins over this file.
# A relative path starts at the project's folder. Sizes take "500 MB", "1 GiB" or bytes.
# Written by `make docs`.
"""


def page() -> str:
    """Return the text of docs/configuration.md."""
    return _PAGE_HEAD + "".join(_sections())


def example() -> str:
    """Return the text of .env.example: every variable, commented out, with its default."""
    return _EXAMPLE_HEAD + "".join(
        f"\n## {_heading(section)}\n" + "".join(map(_example_lines, section.variables()))
        for section in SECTIONS
    )


def _example_lines(row: Variable[Any]) -> str:
    if row.name == "ENV_FILE":  # names this very file
        return ""
    meaning = textwrap.fill(row.meaning, 98, initial_indent="# ", subsequent_indent="# ")
    return f"\n{meaning}\n#{row.name}={row.default}\n"


def _sections() -> Iterator[str]:
    for section in SECTIONS:
        yield f"\n## {_heading(section)}\n\n{_TABLE_HEAD}"
        yield from map(_line, section.variables())


def _heading(section: type) -> str:
    return (section.__doc__ or "").strip()


def _line(row: Variable[Any]) -> str:
    value = row.type.words if not row.unit else f"{row.type.words} ({row.unit})"
    default = row.shown_default or (f"`{row.default}`" if row.default else "empty")
    mark = " &#128273;" if row.secret else ""
    cells = (f"`{row.name}`{mark}", value, default, row.meaning)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def main() -> None:
    (BASE_DIR / "docs" / "configuration.md").write_text(page(), encoding="utf-8")
    (BASE_DIR / ".env.example").write_text(example(), encoding="utf-8")


if __name__ == "__main__":
    main()
