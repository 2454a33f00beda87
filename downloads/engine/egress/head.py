"""The head of an answer: read leniently, as browsers and curl do, within bounds. Pure.

Real sources deviate from RFC 9112. Invalid lines are skipped, the others count; the framing that
they give is judged strictly (see ``framing``), and a connection whose head deviates is not used
again, since another reader may have seen another end. Rules: RFC 9112, sections 2.2, 4 and 5;
Chromium's HttpResponseHeaders and HttpStreamParser; curl.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from downloads.engine.core.errors import BadResponse

MAX_HEAD: Final = 256 * 1024  # bytes, as Chromium; 1xx answers in front are counted too
MAX_INTERIM: Final = 100  # 1xx answers before the real one
SWITCHES: Final = 101  # final, though never requested here
_HTTP: Final = b"HTTP"
_MAX_JUNK: Final = 4  # bytes before it, as Chromium: a byte order mark
_DECIDED: Final = 256  # bytes without a line end that are no status line

_BLANK_LINES = re.compile(rb"[\r\n]*")
_END = re.compile(rb"\n\r{0,2}\n")
_STATUS = re.compile(
    rb"(?:HTTP(?:/(\d{1,3})(?:\.(\d{1,3}))?)?|(ICY))[ \t]+(\d{3})(?!\d)[ \t]*(.*)",
    re.IGNORECASE | re.DOTALL,
)
_STRICT_STATUS = re.compile(rb"HTTP/1\.[01] \d{3}(?: [\t\x20-\x7e\x80-\xff]*)?")
_FOLD = re.compile(r"\r?\n[ \t]+")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token (RFC 9110, section 5.6.2)
_CONTROL = re.compile(r"[\x01-\x08\x0b-\x1f\x7f]")


class Headers(Mapping[str, str]):
    """A case-insensitive mapping; a repeated header's values are joined with commas (RFC 9110,
    5.3)."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in fields:
            self._values.setdefault(name.lower(), []).append(value)

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._values[name.lower()])

    def get_all(self, name: str) -> list[str]:
        return list(self._values.get(name.lower(), ()))

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of an answer. Text is Latin-1, a character a byte.

    ``minor`` is the version's: 0 for HTTP/1.0 and older forms, else 1. ``lenient``: something in it
    deviates from RFC 9112.
    """

    minor: int
    status: int
    reason: str
    fields: tuple[tuple[str, str], ...]
    lenient: bool

    @property
    def headers(self) -> Headers:
        return Headers(self.fields)


class HeadReader:
    """A reader that collects bytes until the head of the answer is whole, and skips 1xx answers."""

    def __init__(self, limit: int = MAX_HEAD) -> None:
        self._limit = limit
        self._data = bytearray()
        self._spent = 0  # bytes of blank lines and of 1xx answers
        self._interim = 0
        self._searched = 0
        self._lenient = False

    @property
    def empty(self) -> bool:
        """Return if nothing of the answer has come yet."""
        return not self._data and not self._spent

    @property
    def has_start(self) -> bool:
        """Return if the bytes so far begin as a head does."""
        return _HTTP in self._data[: _MAX_JUNK + len(_HTTP)].upper() or self._data[:3] == b"ICY"

    @property
    def rest(self) -> bytes:
        """Return the bytes beyond the head, or those so far if it is not whole."""
        return bytes(self._data)

    def feed(self, data: bytes | memoryview) -> Head | None:
        """Return the head once it is whole, None before. Raises BadResponse."""
        self._data += data
        while (head := self._next()) is not None:
            if head.status >= 200 or head.status == SWITCHES:
                return head
            self._interim += 1
            if self._interim > MAX_INTERIM:
                raise invalid_head(f"more than {MAX_INTERIM} interim answers (1xx)")
        return None

    def redirect_cut_off(self) -> Head | None:
        """Return the head that the source left without its last line, if it is that of a redirect.

        Browsers and curl follow it. In any other head the missing line might be the length.
        """
        lines = bytes(self._data).rpartition(b"\n")[0] + b"\n"
        if not self.has_start or len(lines) == 1:
            return None
        head = parse_head(lines, lenient=True)
        return head if head.status // 100 == 3 and "Location" in head.headers else None

    def _next(self) -> Head | None:
        if blank := len(_BLANK_LINES.match(self._data)[0]):  # type: ignore[index]
            self._lenient = True
            self._drop(blank)
        self._check_start()
        end = _END.search(self._data, max(0, self._searched - 3))
        if self._spent + (end.end() if end else len(self._data)) > self._limit:
            raise invalid_head(f"a head of more than {self._limit} bytes")
        if end is None:
            self._searched = len(self._data)
            return None
        head = parse_head(bytes(self._data[: end.end()]), lenient=self._lenient)
        self._drop(end.end())
        return head

    def _check_start(self) -> None:
        """Reject early what is no HTTP: its head might never end."""
        line = self._data[:_DECIDED]
        if b"\n" in line or len(line) == _DECIDED:
            status_line(bytes(line.partition(b"\n")[0]))

    def _drop(self, count: int) -> None:
        del self._data[:count]
        self._spent += count
        self._searched = 0


def invalid_head(detail: str) -> BadResponse:
    """Return the error for a head that cannot be read."""
    return BadResponse(
        detail,
        message="The site's answer is not valid HTTP. Retry later, or tell the site's owner.",
    )


def no_http(start: bytes) -> BadResponse:
    """Return the error for an answer without a head, as HTTP/0.9 and other protocols send."""
    return BadResponse(
        f"no HTTP status line but {start[:40]!r}",
        message="The site does not answer in HTTP. Check the link and its port, then retry.",
    )


def status_line(line: bytes) -> tuple[int, int, str, bool]:
    """Return (minor version, status, reason, lenient). Raises BadResponse.

    ``ICY 200 OK`` (SHOUTcast) is HTTP/1.0. HTTP/2 and 3 on a connection that speaks HTTP/1.1 are
    a gateway's slip, and are read as 1.1, as browsers do.
    """
    line = line.rstrip(b"\r\n")
    start = max(line[: _MAX_JUNK + len(_HTTP)].upper().find(_HTTP), 0)
    match = _STATUS.fullmatch(line, start)
    if match is None:
        raise no_http(line)
    icy, status, reason = match[3] is not None, int(match[4]), match[5].decode("latin-1")
    version = (1, 0) if icy else (int(match[1] or 1), int(match[2] or 0))
    if version >= (4, 0) or status < 100:
        raise invalid_head(f"HTTP/{version[0]}.{version[1]} with status {status}")
    lenient = start > 0 or not _STRICT_STATUS.fullmatch(line)
    return int(version >= (1, 1)), status, reason, lenient


def parse_head(block: bytes, *, lenient: bool = False) -> Head:
    """Read a whole head, with the empty line at its end. Raises BadResponse.

    Skips lines without a colon, with an empty name, or with one that is no token; blanks between
    name and colon are not part of the name; a line that begins with a blank continues the one
    before (obs-fold).
    """
    if b"\0" in block:
        raise invalid_head("a NUL in the head")
    first, _, rest = block.partition(b"\n")
    minor, status, reason, odd = status_line(first)
    lenient |= odd or not block.count(b"\n") == block.count(b"\r\n") == block.count(b"\r")
    text = rest.decode("latin-1")
    unfolded = _FOLD.sub(" ", text)
    lenient |= unfolded != text
    fields = []
    for line in unfolded.split("\n"):
        if not (line := line.strip("\r")):
            continue
        name, colon, value = line.partition(":")
        token, value = name.rstrip(" \t"), value.strip(" \t\r")
        skipped = not colon or not _NAME.fullmatch(token)
        lenient |= skipped or token != name or _CONTROL.search(value) is not None
        if not skipped:
            fields.append((token, value.replace("\r", " ")))
    return Head(minor, status, reason, tuple(fields), lenient)
