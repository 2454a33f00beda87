"""An origin that answers by a function, and the answers that well-behaved servers give."""

from __future__ import annotations

import hashlib
import random
import re
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support import raw_origin
from tests.support.raw_origin import RawOrigin, Reply

Answer = bytes | Reply | None  # None: the connection is closed without a word
Header = tuple[str, str | bytes]

BYTES = "application/octet-stream"
HLS = "application/vnd.apple.mpegurl"
DASH = "application/dash+xml"
MP4 = "video/mp4"
TS = "video/mp2t"

_TYPES = {
    "m3u8": HLS, "mpd": DASH, "mp4": MP4, "m4s": "video/iso.segment", "ts": TS, "vtt": "text/vtt",
    "html": "text/html; charset=utf-8", "aac": "audio/aac", "mp3": "audio/mpeg",
    "webm": "video/webm", "xml": "application/xml", "png": "image/png", "jpg": "image/jpeg",
}  # fmt: skip
_PHRASES = {
    200: "OK", 206: "Partial Content", 301: "Moved Permanently", 302: "Found", 303: "See Other",
    307: "Temporary Redirect", 308: "Permanent Redirect", 403: "Forbidden", 404: "Not Found",
    410: "Gone", 416: "Range Not Satisfiable", 429: "Too Many Requests",
    500: "Internal Server Error", 501: "Not Implemented", 503: "Service Unavailable",
}  # fmt: skip


@dataclass(frozen=True)
class Request:
    """``target`` as it was sent; ``path`` decoded; ``headers`` by lower-case name.

    ``nth``: how many requests for this target the origin has seen, this one included.
    """

    target: str
    headers: dict[str, str]
    nth: int

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def name(self) -> str:
        """The last segment of the path."""
        return self.path.rpartition("/")[2]

    @property
    def query(self) -> dict[str, str]:
        parsed = parse_qs(urlsplit(self.target).query, keep_blank_values=True)
        return {name: values[0] for name, values in parsed.items()}

    @property
    def range(self) -> tuple[int, int | None] | None:
        """(first, last or None) of ``Range: bytes=first-last``."""
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("range", ""))
        return (int(found[1]), int(found[2]) if found[2] else None) if found else None

    @property
    def cookies(self) -> dict[str, str]:
        pairs = (pair.strip().partition("=") for pair in self.headers.get("cookie", "").split(";"))
        return {name: value for name, equals, value in pairs if equals}


Handler = Callable[[Request], Answer]


@dataclass
class Site(RawOrigin):
    """Answers each request by ``handle``. ``log``: the requests so far."""

    handle: Handler = lambda request: missing()
    log: list[Request] = field(default_factory=list)

    def _answer(self, request: raw_origin.Request) -> bytes | Reply | None:
        nth = 1 + sum(each.target == request.path for each in list(self.log))
        asked = Request(request.path, request.headers, nth)
        self.log.append(asked)
        return self.handle(asked)


def blob(size: int, seed: int = 1) -> bytes:
    """Bytes of no format, the same for the same seed."""
    return random.Random(seed).randbytes(size)


def folder(files: Mapping[str, bytes], also: Handler | None = None) -> Handler:
    """Serve files by their paths, typed by their endings; what is not there, ``also`` answers."""

    def handle(request: Request) -> Answer:
        if (body := files.get(request.path)) is None:
            return also(request) if also else missing()
        ending = request.path.rpartition(".")[2]
        return file(request, body, _TYPES.get(ending, BYTES))

    return handle


def each(prefix: str, parts: Iterable[bytes], ending: str = "") -> dict[str, bytes]:
    """Paths of pieces: the prefix, a number from 0 on, the ending."""
    return {f"{prefix}{at}{ending}": part for at, part in enumerate(parts)}


def reply(
    body: bytes = b"",
    kind: str | None = BYTES,
    *,
    status: int = 200,
    headers: Iterable[Header] = (),
    length: int | None = None,
) -> bytes:
    """An answer with a Content-Length: that of the body where ``length`` is None."""
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, 'X')}".encode()]
    given = [("Content-Type", kind), *headers] if kind is not None else list(headers)
    names = {name.lower() for name, _ in given}
    if "content-length" not in names and "transfer-encoding" not in names:
        given.append(("Content-Length", str(len(body) if length is None else length)))
    for name, value in given:
        raw = value if isinstance(value, bytes) else value.encode("latin-1")  # type: ignore[union-attr]
        lines.append(name.encode() + b": " + raw)
    return b"\r\n".join([*lines, b"", body])


def file(
    request: Request, body: bytes, kind: str = BYTES, headers: Iterable[Header] = (),
    *, etag: bool = True,
) -> bytes:  # fmt: skip
    """A file as a good server sends it: with ranges and a strong ETag."""
    tag = hashlib.sha256(body).hexdigest()[:16]
    given = [*headers, *([("ETag", f'"{tag}"')] if etag else [])]
    if request.range is None:
        return reply(body, kind, headers=[*given, ("Accept-Ranges", "bytes")])
    first, last = request.range
    last = len(body) - 1 if last is None else min(last, len(body) - 1)
    if first >= len(body):
        return reply(kind=kind, status=416, headers=[("Content-Range", f"bytes */{len(body)}")])
    span = f"bytes {first}-{last}/{len(body)}"
    return reply(
        body[first : last + 1], kind, status=206, headers=[*given, ("Content-Range", span)]
    )


def page(text: str, status: int = 200) -> bytes:
    return reply(text.encode(), "text/html; charset=utf-8", status=status)


def missing() -> bytes:
    return reply(b"not here", "text/plain", status=404)


def redirect(location: str, status: int = 302, headers: Iterable[Header] = ()) -> bytes:
    return reply(status=status, kind=None, headers=[("Location", location), *headers])


def chunked(body: bytes, size: int = 4096) -> bytes:
    """The body in chunks, and the last one."""
    pieces = (body[at : at + size] for at in range(0, len(body), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in pieces) + b"0\r\n\r\n"


def paced(
    head: bytes, body: bytes, *, step: int = 65536, pause: float = 0.01, close: bool = False
) -> Reply:
    """Send the head, then the body in steps with a pause behind each."""

    def send(_: raw_origin.Request, sock: socket.socket) -> None:
        sock.sendall(head)
        for at in range(0, len(body), step):
            sock.sendall(body[at : at + step])
            time.sleep(pause)
        if close:
            sock.shutdown(socket.SHUT_RDWR)

    return send
