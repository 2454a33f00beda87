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
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.field.support.origin import MP4, Answer, Request, Site, blob, chunked, file, reply
from tests.support.s3_server import environment
from tests.support.shell import ROOT

BODY = blob(12_000_000)
MODES = ("plain", "slow down", "late error")
SMALLEST = 5 * 1024 * 1024  # bytes of any part but the last


class Store(ThreadingHTTPServer):
    """A bucket in memory: refuses checksums, wants equal parts, says no at first in some modes."""

    daemon_threads = True

    def __init__(self, mode: str) -> None:
        super().__init__(("127.0.0.1", 0), Calls)
        self.mode = mode
        self.parts: dict[int, bytes] = {}
        self.objects: dict[str, bytes] = {}
        self.asked: dict[str, int] = {}

    def first(self, what: str) -> bool:
        self.asked[what] = self.asked.get(what, 0) + 1
        return self.asked[what] == 1


class Calls(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Store

    def do_POST(self) -> None:
        body, query = self._begin()
        if "uploads" in query:
            self._xml("<InitiateMultipartUploadResult><UploadId>u</UploadId>"
                      "</InitiateMultipartUploadResult>")  # fmt: skip
        elif self.server.mode == "late error" and self.server.first("complete"):
            self._xml("<Error><Code>InternalError</Code><Message>Try again.</Message></Error>")
        else:
            self._complete([int(n) for n in re.findall(rb"<PartNumber>(\d+)<", body)])

    def do_PUT(self) -> None:
        body, query = self._begin()
        told = {name.lower(): value for name, value in self.headers.items()}
        if any(name.startswith(("x-amz-checksum", "x-amz-sdk-checksum", "x-amz-trailer"))
               or "aws-chunked" in value for name, value in told.items()):  # fmt: skip
            self._error(501, "NotImplemented")
        elif "partNumber" not in query:
            self.server.objects[self.path] = body
            self._answer(200)
        elif self.server.mode == "slow down" and self.server.first(query["partNumber"][0]):
            self._error(503, "SlowDown")
        else:
            self.server.parts[int(query["partNumber"][0])] = body
            self._answer(200, etag=f'"{hashlib.md5(body).hexdigest()}"')

    def do_GET(self) -> None:
        self._begin()
        rows = "".join(
            f"<Part><PartNumber>{n}</PartNumber><Size>{len(part)}</Size>"
            f'<ETag>"{hashlib.md5(part).hexdigest()}"</ETag></Part>'
            for n, part in sorted(self.server.parts.items())
        )
        self._xml(f"<ListPartsResult><UploadId>u</UploadId><IsTruncated>false</IsTruncated>{rows}"
                  "</ListPartsResult>")  # fmt: skip

    def do_HEAD(self) -> None:
        found = self.server.objects.get(urlsplit(self.path).path)
        self.send_response(404 if found is None else 200)
        self.send_header("Content-Length", str(len(found or b"")))
        self.end_headers()

    def do_DELETE(self) -> None:
        self._begin()
        self._answer(204)

    def _complete(self, numbers: list[int]) -> None:
        parts = [self.server.parts[number] for number in numbers]
        sizes = {len(part) for part in parts[:-1]}
        if len(sizes) > 1 or any(size < SMALLEST for size in sizes):
            self._error(400, "InvalidPart")
            return
        self.server.objects[urlsplit(self.path).path] = b"".join(parts)
        self._xml('<CompleteMultipartUploadResult><ETag>"x-2"</ETag>'
                  "</CompleteMultipartUploadResult>")  # fmt: skip

    def _begin(self) -> tuple[bytes, dict[str, list[str]]]:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return body, parse_qs(urlsplit(self.path).query, keep_blank_values=True)

    def _error(self, status: int, code: str) -> None:
        self._xml(f"<Error><Code>{code}</Code><Message>no</Message></Error>", status)

    def _xml(self, text: str, status: int = 200) -> None:
        body = b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode()
        self._answer(status, body)

    def _answer(self, status: int, body: bytes = b"", etag: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        if etag:
            self.send_header("ETag", etag)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(params=MODES)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with Store(request.param) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def _known(request: Request) -> Answer:
    return file(request, BODY, MP4)


def _unknown(request: Request) -> Answer:
    return reply(kind=MP4, headers=[("Transfer-Encoding", "chunked")]) + chunked(BODY, 65536)


@pytest.mark.parametrize("handle", [_known, _unknown], ids=["length told", "length not told"])
def test_the_objects_bytes(store: Store, handle: object) -> None:
    with Site(handle=handle) as origin:  # type: ignore[arg-type]
        command = [sys.executable, "-m", "downloads.engine", origin.url("/film.mp4")]
        told = {"PATH": os.environ["PATH"], **environment(f"http://127.0.0.1:{store.server_port}")}
        done = subprocess.run(
            [*command, "-o", "s3://bucket/film.mp4", "--allow-network", "127.0.0.0/8"],
            cwd=ROOT, env=told, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert store.objects["/bucket/film.mp4"] == BODY
