"""Content-Encoding on files: words that mean nothing, codings of the transport and of the file.

versity/versitygw#2398, noobaa/noobaa-core#9138, adobe/S3Mock#2218 (``aws-chunked`` kept with the
object), aws/aws-sdk#498 (an empty one); rockdaboot/wget2#27, aio-libs/aiohttp#4462 (an archive
with the coding of its own name: browsers and curl keep it), ArchiveTeam/wpull#14 (unasked-for
gzip: the decoded file is meant), ytdl-org/youtube-dl#28303 (a label on plain bytes).
"""

from __future__ import annotations

import gzip
import zlib
from functools import cache

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body, fails
from tests.field.support.kind import Form, Kind
from tests.support.answers import MP4, file, reply
from tests.support.content import content
from tests.support.request import Answer, Handler, Request

FILM = content(60_000)
TEXT = b"some text that was packed on the way\n" * 3000
ARCHIVE = gzip.compress(b"tar" * 40_000, mtime=0)
SITE = {
    "awschunked.mp4": (FILM, MP4, "aws-chunked"),
    "empty.mp4": (FILM, MP4, ""),
    "none.mp4": (FILM, MP4, "none"),
    "utf8.mp4": (FILM, MP4, "UTF-8"),
    "identity.mp4": (FILM, MP4, "identity, identity"),
    "binary.mp4": (FILM, MP4, "binary"),
    "backup.tar.gz": (ARCHIVE, "application/x-tar", "x-gzip"),
    "data.tgz": (ARCHIVE, "application/x-gzip", "gzip"),
    "untold.gz": (ARCHIVE, "application/gzip", "gzip"),
    "notes.txt": (gzip.compress(TEXT, mtime=0), "text/plain", "gzip"),
    "upper.txt": (gzip.compress(TEXT, mtime=0), "text/plain", "GZIP"),
    "zlib.txt": (zlib.compress(TEXT), "text/plain", "deflate"),
    "raw.txt": (zlib.compress(TEXT)[2:-4], "text/plain", "deflate"),
    "twice.txt": (gzip.compress(gzip.compress(TEXT)), "text/plain", "gzip, gzip"),
    "members.txt": (gzip.compress(TEXT[:999]) + gzip.compress(TEXT[999:]), "text/plain", "gzip"),
    "chunks.txt": (gzip.compress(TEXT), "text/plain", "aws-chunked,gzip"),
    "label.mp4": (FILM, MP4, "gzip"),
    "parameter.txt": (gzip.compress(TEXT, mtime=0), "text/plain", "gzip;q=1.0"),
    "trailerless.txt": (gzip.compress(TEXT, mtime=0)[:-8], "text/plain", "gzip"),
    "trailing.txt": (gzip.compress(TEXT, mtime=0) + b"<!-- cached -->", "text/plain", "gzip"),
    "zstd.mp4": (FILM, MP4, "zstd"),
    "compress.mp4": (FILM, MP4, "compress"),
    "several.mp4": (FILM, MP4, "gzip, deflate, br"),
    "mime.mp4": (FILM, MP4, "video/mp4"),
    "unread.json": (b"\x28\xb5\x2f\xfd\x04\x00" + content(99), "application/json", "zstd"),
    "data.tar.zst": (b"\x28\xb5\x2f\xfd\x04\x00" + content(99), "application/zstd", "zstd"),
    "cut.txt": (gzip.compress(TEXT, mtime=0)[:-100], "text/plain", "gzip"),
    "bomb.txt": (b"", "text/plain", "gzip"),
}


@cache
def sparse() -> bytes:
    """A bomb. Made when it is asked for: it takes a second."""
    return gzip.compress(bytes(200_000_000), 9, mtime=0)


def site(_: Clips) -> Handler:
    def handle(request: Request) -> Answer:
        body, kind, coding = SITE[request.name]
        body = sparse() if request.name == "bomb.txt" else body
        if request.name in ("label.mp4", "several.mp4", "twice.txt", "chunks.txt"):
            return reply(body, kind, headers=[("Content-Encoding", coding)])
        return file(request, body, kind, [("Content-Encoding", coding)])

    return handle


RIGHT = {
    **{name: FILM for name in SITE if name.endswith(".mp4")},
    **{name: TEXT for name in SITE if name.endswith(".txt")},
    **{name: ARCHIVE for name in SITE if name.endswith("gz")},
}
KIND = Kind(
    "http",
    site,
    {
        name: Form(f"/{name}", Body(body, (name,)))
        for name, body in RIGHT.items()
        if name not in ("cut.txt", "bomb.txt")
    }
    | {
        "zstd on its own file": Form("/data.tar.zst", Body(SITE["data.tar.zst"][0])),
        "zstd": Form("/unread.json", fails("unsupported_url", words="zstd")),
        "packed and cut": Form("/cut.txt", fails("bad_response", "incomplete", "network")),
        "a thousand times its size": Form("/bomb.txt", fails("too_large", "bad_response")),
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
