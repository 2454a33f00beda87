"""A chunked body (RFC 9112, section 7.1), read as strictly as the bytes depend on it.

Accepted, as curl and browsers do: extensions, leading zeros, blanks behind the size, capitals, a
bare LF. Trailers are skipped: Ferry uses nothing that may stand there.
"""

from __future__ import annotations

import re
from typing import Final

from downloads.engine.core.errors import BadResponse
from downloads.engine.egress.socket_reader import SocketReader

_MAX_LINE: Final = 16 * 1024  # as Chromium
_MAX_SIZE: Final = 2**63 - 1
_SIZE = re.compile(rb"([0-9A-Fa-f]+)[ \t]*(?:;.*)?\r*\n", re.DOTALL)


def chunk_size(line: bytes) -> int:
    """Read a chunk's first line, with its end. Raises BadResponse."""
    match = _SIZE.fullmatch(line)
    size = -1 if match is None else int(match[1].lstrip(b"0")[:17] or b"0", 16)
    if not 0 <= size <= _MAX_SIZE:
        raise _damaged(f"not the size of a chunk: {line[:40]!r}")
    return size


class ChunkedBody:
    """The data of a chunked body, without the framing."""

    def __init__(self, reader: SocketReader) -> None:
        self._reader = reader
        self._left = 0  # bytes of this chunk
        self._begun = False
        self._last = False  # the last chunk has come
        self._ended = False  # and so have the trailers
        #: the body ended as it should, with what follows the last chunk
        self.clean = False

    def read_into(self, view: memoryview) -> int:
        """Read up to ``len(view)`` available bytes into ``view``. Return their count; 0 at the end.

        Raises BadResponse for a body that is cut, Stalled, Stopped and what a socket raises.
        """
        filled = 0
        while filled < len(view):
            if self._left == 0 and not self._last and (filled == 0 or self._reader.has_lines(2)):
                self._next_chunk()
            if self._left == 0 or (filled and not self._reader.has_bytes):
                break
            count = self._reader.read_into(view[filled : filled + self._left])
            if count == 0:
                raise _cut()
            self._left -= count
            filled += count
        if filled == 0 and len(view) and not self._ended:
            self._skip_trailers()
        return filled

    def _next_chunk(self) -> None:
        if self._begun and self._line().strip(b"\r\n"):
            raise _damaged("a chunk longer than its size")
        self._begun = True
        self._left = chunk_size(self._line())
        self._last = self._left == 0

    def _skip_trailers(self) -> None:
        """Skip the trailers. A source that closes within them has sent all bytes (RFC 9112, section
        8)."""
        while (line := self._reader.read_line(_MAX_LINE)).strip(b"\r\n"):
            continue
        self.clean, self._ended = line != b"", True

    def _line(self) -> bytes:
        line = self._reader.read_line(_MAX_LINE)
        if not line.endswith(b"\n"):
            raise _cut() if len(line) < _MAX_LINE else _damaged("a chunk's line without end")
        return line


def _cut() -> BadResponse:
    return BadResponse(
        "the chunked body ended before its last chunk",
        message="The site stopped before the end. Retry later.",
    )


def _damaged(detail: str) -> BadResponse:
    return BadResponse(detail, message="The site's answer was damaged on its way. Retry later.")
