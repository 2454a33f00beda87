"""Object stores that are not quite S3, straight from a URL into an upload in parts.

apache/opendal#2904 #6252, duckdb/duckdb-httpfs#405 (R2: equal parts), amd/gaia#3029,
s3tools/s3cmd#577 (checksums and aws-chunked are refused), duckdb/duckdb-httpfs#393 (200 with an
error in it, to be asked again), boto/s3transfer#327.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support.answers import MP4, chunked, file, reply, respond
from tests.support.content import content
from tests.support.origin import Origin
from tests.support.request import Answer, Request
from tests.support.s3_server import environment
from tests.support.shell import ROOT

BODY = content(12_000_000)
MODES = ("plain", "slow down", "late error")
SMALLEST = 5 * 1024 * 1024  # bytes of any part but the last


class Store(Origin):
    """A bucket in memory: refuses checksums, wants equal parts, says no at first in some modes."""

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.parts: dict[int, bytes] = {}
        self.objects: dict[str, bytes] = {}
        self._seen: set[str] = set()
        calls = {"GET": self._list, "PUT": self._put, "POST": self._post, "HEAD": self._head}
        gone = respond(status="204 No Content", length=False)
        super().__init__(handle=lambda call: calls.get(call.method, lambda _: gone)(call))

    def _first(self, what: str) -> bool:
        with self.lock:
            before = len(self._seen)
            self._seen.add(what)
            return len(self._seen) > before

    def _post(self, call: Request) -> bytes:
        if "uploads" in call.query:
            return _xml("<InitiateMultipartUploadResult><UploadId>u</UploadId>"
                        "</InitiateMultipartUploadResult>")  # fmt: skip
        if self.mode == "late error" and self._first("complete"):
            return _xml("<Error><Code>InternalError</Code><Message>Try again.</Message></Error>")
        numbers = [int(n) for n in re.findall(rb"<PartNumber>(\d+)<", call.body)]
        parts = [self.parts[number] for number in numbers]
        sizes = {len(part) for part in parts[:-1]}
        if len(sizes) > 1 or any(size < SMALLEST for size in sizes):
            return _error(400, "InvalidPart")
        self.objects[call.path] = b"".join(parts)
        return _xml('<CompleteMultipartUploadResult><ETag>"x-2"</ETag>'
                    "</CompleteMultipartUploadResult>")  # fmt: skip

    def _put(self, call: Request) -> bytes:
        if any(name.startswith(("x-amz-checksum", "x-amz-sdk-checksum", "x-amz-trailer"))
               or "aws-chunked" in value for name, value in call.headers.items()):  # fmt: skip
            return _error(501, "NotImplemented")
        if (number := call.query.get("partNumber")) is None:
            self.objects[call.path] = call.body
            return reply(kind=None)
        if self.mode == "slow down" and self._first(number):
            return _error(503, "SlowDown")
        self.parts[int(number)] = call.body
        return reply(kind=None, headers=[("ETag", _etag(call.body))])

    def _list(self, _: Request) -> bytes:
        rows = "".join(
            f"<Part><PartNumber>{n}</PartNumber><Size>{len(part)}</Size>"
            f"<ETag>{_etag(part)}</ETag></Part>"
            for n, part in sorted(self.parts.items())
        )
        return _xml(f"<ListPartsResult><UploadId>u</UploadId><IsTruncated>false</IsTruncated>{rows}"
                    "</ListPartsResult>")  # fmt: skip

    def _head(self, call: Request) -> bytes:
        found = self.objects.get(call.path)
        return reply(status=404 if found is None else 200, length=len(found or b""))


def _etag(data: bytes) -> str:
    return f'"{hashlib.md5(data).hexdigest()}"'


def _error(status: int, code: str) -> bytes:
    return _xml(f"<Error><Code>{code}</Code><Message>no</Message></Error>", status)


def _xml(text: str, status: int = 200) -> bytes:
    body = b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode()
    return reply(body, "application/xml", status=status)


@pytest.fixture(params=MODES)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with Store(request.param) as running:
        yield running


def _known(request: Request) -> Answer:
    return file(request, BODY, MP4)


def _unknown(request: Request) -> Answer:
    return reply(kind=MP4, headers=[("Transfer-Encoding", "chunked")]) + chunked(BODY, 65536)


@pytest.mark.parametrize("handle", [_known, _unknown], ids=["length told", "length not told"])
def test_the_objects_bytes(store: Store, handle: object) -> None:
    with Origin(handle=handle) as origin:  # type: ignore[arg-type]
        command = [sys.executable, "-m", "downloads.engine", origin.url("/film.mp4")]
        told = {"PATH": os.environ["PATH"], **environment(store.url(""))}
        done = subprocess.run(
            [*command, "-o", "s3://bucket/film.mp4", "--allow-network", "127.0.0.0/8"],
            cwd=ROOT, env=told, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert store.objects["/bucket/film.mp4"] == BODY
