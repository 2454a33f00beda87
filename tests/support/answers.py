"""The answers that well-behaved servers give, and some that do not behave."""

from __future__ import annotations

import hashlib
import socket
import time
from collections.abc import Iterable, Mapping

from tests.support.request import Answer, Handler, Reply, Request

Header = tuple[str, str | bytes]

BYTES = "application/octet-stream"
HLS = "application/vnd.apple.mpegurl"
DASH = "application/dash+xml"
MP4 = "video/mp4"
TS = "video/mp2t"

_TYPES = {
    "m3u8": HLS, "mpd": DASH, "mp4": MP4, "m4s": "video/iso.segment", "ts": TS, "vtt": "text/vtt",
    "html": "text/html; charset=utf-8", "aac": "audio/aac", "m4a": "audio/mp4", "mp3": "audio/mpeg",
    "webm": "video/webm", "xml": "application/xml", "png": "image/png", "jpg": "image/jpeg",
}  # fmt: skip
_PHRASES = {
    200: "OK", 206: "Partial Content", 301: "Moved Permanently", 302: "Found", 303: "See Other",
    307: "Temporary Redirect", 308: "Permanent Redirect", 403: "Forbidden", 404: "Not Found",
    410: "Gone", 416: "Range Not Satisfiable", 429: "Too Many Requests",
    500: "Internal Server Error", 501: "Not Implemented", 503: "Service Unavailable",
}  # fmt: skip


def respond(
    body: bytes = b"", *, status: str = "200 OK", length: bool = True, **headers: str
) -> bytes:
    """An answer of any status line, without a Content-Type unless it is given."""
    lines = [f"HTTP/1.1 {status}"]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def partial(body: bytes, **headers: str) -> bytes:
    """The whole of a file as the answer to a range that reaches to its end."""
    span = f"bytes 0-{len(body) - 1}/{len(body)}"
    return respond(body, status="206 Partial Content", Content_Range=span, **headers)


def folder(files: Mapping[str, bytes], also: Handler | None = None) -> Handler:
    """Serve files by their paths, typed by their endings; what is not there, ``also`` answers."""

    def handle(request: Request) -> Answer:
        if (body := files.get(request.path)) is None:
            return also(request) if also else missing()
        return file(request, body, type_of(request.path))

    return handle


def type_of(path: str) -> str:
    """Return the Content-Type that a well-kept server gives by the path's ending."""
    return _TYPES.get(path.rpartition(".")[2], BYTES)


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
    """An answer with a Content-Length: that of the body if ``length`` is None."""
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

    def send(_: Request, sock: socket.socket) -> None:
        sock.sendall(head)
        for at in range(0, len(body), step):
            sock.sendall(body[at : at + step])
            time.sleep(pause)
        if close:
            sock.shutdown(socket.SHUT_RDWR)

    return send


def forever(block: bytes, first: bytes = b"", pause: float = 0.0) -> Reply:
    """Send ``first``, then ``block`` again and again until the client leaves."""

    def send(_: Request, sock: socket.socket) -> None:
        sock.sendall(first)
        while True:
            sock.sendall(block)
            if pause:
                time.sleep(pause)

    return send


def then_close(answer: bytes) -> Reply:
    def send(_: Request, sock: socket.socket) -> None:
        sock.sendall(answer)
        sock.shutdown(socket.SHUT_RDWR)

    return send


def then_hang(answer: bytes = b"") -> Reply:
    """Send no more until the client goes."""

    def send(_: Request, sock: socket.socket) -> None:
        sock.sendall(answer)
        sock.recv(1)

    return send
