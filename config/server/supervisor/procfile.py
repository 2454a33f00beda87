"""The Procfile: ``name: command`` a line, ``#`` starts a comment."""

from __future__ import annotations

import re

from config.start_error import StartError

RELEASE = "release"

_LINE = re.compile(r"([A-Za-z0-9_-]+)\s*:\s*(\S.*)")


def parse(text: str) -> dict[str, str]:
    """Return name to command, in the file's order. Raises StartError naming the line that is
    wrong."""
    commands: dict[str, str] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise StartError(f'Procfile, line {number}: write it as "name: command".')
        if match[1] in commands:
            raise StartError(f"Procfile, line {number}: {match[1]} is named twice.")
        commands[match[1]] = match[2]
    return commands
