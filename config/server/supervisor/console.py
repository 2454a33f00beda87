"""One log of many processes: every line with its process's name, in colour on a terminal, or as
JSON."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import BinaryIO, TextIO

_COLOURS = (36, 33, 32, 35, 34, 96)  # readable on dark and on light
_OWN = "up"
_LONGEST_LINE = 64 * 1024


class Console:
    """The combined log."""

    def __init__(self, stream: BinaryIO, coloured: bool, width: int = 9) -> None:
        self._stream = stream
        self._coloured = coloured
        self._width = width
        self._colours: dict[str, int] = {}

    def say(self, text: str) -> None:
        """Write a line of the supervisor's own."""
        self.line(_OWN, text.encode())

    def line(self, name: str, text: bytes) -> None:
        try:
            self._stream.write(self._attributed(name, text) + b"\n")
            self._stream.flush()
        except OSError:  # the reader is gone (`make run | head`): keep running
            self._stream = open(os.devnull, "wb")  # noqa: SIM115, PTH123

    def _attributed(self, name: str, text: bytes) -> bytes:
        prefix = f"{name:<{self._width}} | "
        if self._coloured:
            colour = self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        return prefix.encode() + text


class JsonConsole(Console):
    """The combined log as JSON objects: a process's own get its name, other lines become one."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream, coloured=False)

    def _attributed(self, name: str, text: bytes) -> bytes:
        try:
            line = json.loads(text)
        except ValueError:
            line = None
        if not isinstance(line, dict):
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            line = {"time": now, "level": "info", "message": text.decode(errors="replace")}
        return json.dumps({**line, "process": name}).encode()


def console_for(stream: TextIO, *, as_json: bool) -> Console:
    """Return the log on ``stream``: in colour on a terminal, unless NO_COLOR is set."""
    if as_json:
        return JsonConsole(stream.buffer)
    return Console(stream.buffer, stream.isatty() and not os.environ.get("NO_COLOR"))


class Lines:
    """A splitter of a pipe's output into lines; a line without end is cut at 64 KiB."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            lines.append(self._rest)
            self._rest = b""
        return [line.rstrip(b"\r") for line in lines]

    def end(self) -> list[bytes]:
        rest, self._rest = self._rest, b""
        return [rest] if rest else []
