"""Answers framed as small servers frame them.

seanmonstar/httparse#29, yhirose/cpp-httplib#554, ikod/dlang-requests#63 (no reason phrase),
iipc/jwarc#33, python-hyper/h11#143, dart-lang/http#988, me-no-dev/ESPAsyncWebServer#1301 (blanks
behind a chunk's size), SerenityOS/serenity#2312 (zeros before it). RFC 9112: a message with both
Transfer-Encoding and Content-Length goes by the first, differing lengths are an error. A length
with something around it counts where nothing comes behind it, and words are none: as curl,
Chromium or both have it (curl/curl#18921, web-platform-tests/wpt#10548).
"""

from __future__ import annotations

from collections.abc import Callable

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body, fails
from tests.field.support.kind import Form, Kind
from tests.support.answers import then_close
from tests.support.content import content
from tests.support.request import Answer, Handler, Request

BODY = content(60_000)
SIZE = len(BODY)
OK = b"HTTP/1.1 200 OK\r\n"
KIND_LINE = b"Content-Type: video/mp4\r\n"
HEAD = OK + KIND_LINE
LENGTH = b"Content-Length: %d\r\n" % SIZE
CHUNKS = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def _pieces(size: Callable[[int], bytes], end: bytes = b"0\r\n\r\n") -> bytes:
    parts = (BODY[at : at + 5000] for at in range(0, SIZE, 5000))
    return b"".join(size(len(part)) + b"\r\n" + part + b"\r\n" for part in parts) + end


def _plain(count: int) -> bytes:
    return b"%x" % count


FORMS = {
    "no reason": HEAD.replace(b" OK", b"") + LENGTH + b"\r\n" + BODY,
    "a blank for a reason": HEAD.replace(b"OK", b"") + LENGTH + b"\r\n" + BODY,
    "bare line feeds": (HEAD + LENGTH + b"\r\n").replace(b"\r\n", b"\n") + BODY,
    "HTTP 1.0": HEAD.replace(b"/1.1", b"/1.0") + b"\r\n" + BODY,
    "HTTP 1.0 with a length": HEAD.replace(b"/1.1", b"/1.0") + LENGTH + b"\r\n" + BODY,
    "blanks behind sizes": CHUNKS + _pieces(lambda n: _plain(n).ljust(6), b"0     \r\n\r\n"),
    "zeros before sizes": CHUNKS + _pieces(lambda n: b"%08x" % n, b"00000000\r\n\r\n"),
    "sizes in capitals": CHUNKS + _pieces(lambda n: b"%X" % n),
    "extensions": CHUNKS + _pieces(lambda n: b'%x;name="a value"' % n, b"0;last\r\n\r\n"),
    "a trailer": CHUNKS + _pieces(_plain, b"0\r\nX-Sum: abc\r\n\r\n"),
    "the coding in capitals": CHUNKS.replace(b"chunked", b"Chunked") + _pieces(_plain),
    "the same length twice": HEAD + LENGTH + LENGTH + b"\r\n" + BODY,
    "the same length in one line": HEAD + b"Content-Length: %d, %d\r\n\r\n" % (SIZE, SIZE) + BODY,
    **{
        f"Content-Length {form!r}": HEAD + b"Content-Length: " + form.encode() + b"\r\n\r\n" + BODY
        for form in (
            f"+{SIZE}", f"00{SIZE}", f"{SIZE},", f",{SIZE}", f"{SIZE};", f"{SIZE} bytes",
            f"{SIZE}.0", f'"{SIZE}"', f"{SIZE} {SIZE}", f"{SIZE}, 0{SIZE}", "", "null", "undefined",
        )
    },
    "an empty length and another": HEAD + b"Content-Length:\r\n" + LENGTH + b"\r\n" + BODY,
    "blanks around a length": HEAD + b"Content-Length:   %d  \r\n\r\n" % SIZE + BODY,
    "a length beside chunks": HEAD + b"Content-Length: 10\r\n" + CHUNKS[len(HEAD) :]
    + _pieces(_plain),
    "100 before it": b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + LENGTH + b"\r\n" + BODY,
    "103 before it": b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" * 3
    + HEAD + LENGTH + b"\r\n" + BODY,
}  # fmt: skip
REFUSED = {
    "two lengths": HEAD + LENGTH + b"Content-Length: 10\r\n\r\n" + BODY,
    "two lengths in one line": HEAD + b"Content-Length: %d, 10\r\n\r\n" % SIZE + BODY,
    **{
        f"Content-Length {form!r}": HEAD + b"Content-Length: " + form.encode() + b"\r\n\r\n" + BODY
        for form in ("60,000", "6e4", "0xea60", "6000x", "+6000", "6000;", "9" * 25)
    },
    "a negative length": HEAD + b"Content-Length: -5\r\n\r\n" + BODY,
    "a size that is no number": CHUNKS + _pieces(lambda n: b"xyz"),
    "a negative size": CHUNKS + _pieces(lambda n: b"-%x" % n),
    "a size beyond 64 bits": CHUNKS + _pieces(lambda n: b"f" * 17),
    "1xx without end": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20_000,
    "nothing": b"",
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
}


def site(_: Clips) -> Handler:
    def handle(request: Request) -> Answer:
        _, group, index, _ = request.path.split("/")
        return then_close(list((FORMS if group == "good" else REFUSED).values())[int(index)])

    return handle


KIND = Kind(
    "http",
    site,
    {name: Form(f"/good/{at}/film.mp4", Body(BODY)) for at, name in enumerate(FORMS)}
    | {
        name: Form(f"/bad/{at}/film.mp4", fails("bad_response", "network"))
        for at, name in enumerate(REFUSED)
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
