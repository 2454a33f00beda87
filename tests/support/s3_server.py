"""A real S3 server (``rclone serve s3``) on loopback, and a door to it that misbehaves."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config.server.supervisor.port import ReservedPort
from tests.support.answers import reply
from tests.support.files import files_below
from tests.support.listener import Listener, readable, reset_at_close
from tests.support.request import CONTINUE, Request, parse_head, read_head

BUCKET, KEY, SECRET = "ferry-media", "ferry-key", "ferry-secret"
RCLONE = shutil.which(
    "rclone", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
)
BLOCK = 64 * 1024


class S3Server:
    """``root / BUCKET`` holds the objects."""

    def __init__(self, root: Path) -> None:
        self.folder = root / BUCKET
        self.folder.mkdir(parents=True)
        self._reserved = ReservedPort()
        self.port = self._reserved.number
        options = ["--addr", f"127.0.0.1:{self.port}", "--auth-key", f"{KEY},{SECRET}"]
        self._process = subprocess.Popen(
            [str(RCLONE), "serve", "s3", str(root), *options, "--dir-cache-time", "1s",
             "--config", os.devnull],
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._wait()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def objects(self) -> list[str]:
        """Without what it keeps of unfinished uploads itself."""
        found = files_below(self.folder)
        names = (str(path.relative_to(self.folder)) for path in found)
        return sorted(name for name in names if ".rclone_temp_multipart" not in name)

    def open_uploads(self) -> list[str]:
        asking = client(self.endpoint)
        try:
            answer = asking.list_multipart_uploads(Bucket=BUCKET)
        except asking.exceptions.NoSuchUpload:
            return []  # what it says of a bucket that never had one
        return [each["UploadId"] for each in answer.get("Uploads", ())]

    def close(self) -> None:
        self._process.kill()
        self._process.wait(10)
        self._reserved.release()

    def _wait(self) -> None:
        for _ in range(400):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            time.sleep(0.025)
        raise AssertionError("the S3 server did not start")


def client(endpoint: str, read_timeout: float = 5) -> Any:
    """boto3's, by itself."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
        config=Config(
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            retries={"total_max_attempts": 1},
            connect_timeout=2,
            read_timeout=read_timeout,
            max_pool_connections=32,
        ),
    )


def environment(endpoint: str) -> dict[str, str]:
    """The environment of a process that uses it."""
    return {
        "AWS_S3_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_S3_REGION_NAME": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


class Call(Request):
    """One request as the door sees it. ``operation`` as in S3's API."""

    @property
    def operation(self) -> str:
        part, upload = "partNumber" in self.query, "uploadId" in self.query
        names = {
            "PUT": "UploadPart" if part else "PutObject",
            "POST": "CreateMultipartUpload" if "uploads" in self.query else "Complete",
            "GET": "ListUploads" if "uploads" in self.query else "ListParts" if upload else "Get",
            "DELETE": "Abort" if upload else "Delete",
            "HEAD": "Head",
        }
        return names[self.method]


Mood = str  # "": well; "503", "403", ... answered; "hang"; "drop": reset; "lose": answer lost
ERRORS = {
    "403": (403, "AccessDenied"),
    "500": (500, "InternalError"),
    "503": (503, "SlowDown"),
    "404": (404, "NoSuchUpload"),
}


class Door(Listener):
    """``mood(call)`` decides how each request fares. ``rate``: bytes per second of a connection."""

    def __init__(
        self, server: S3Server, mood: Callable[[Call], Mood] = lambda _: "", rate: float = 0
    ) -> None:
        self._server = server
        self.mood = mood
        self.rate = rate
        self.calls: list[Call] = []
        self.busy_parts = 0
        self.most_parts = 0
        super().__init__()

    @property
    def endpoint(self) -> str:
        return self.url("")

    def count(self, operation: str) -> int:
        return sum(call.operation == operation for call in self.calls)

    def settle(self) -> None:
        """Wait until no part is under way. A stop leaves some, and while this server reads a part
        again it has neither its old bytes nor its new ones (S3 has either)."""
        deadline = time.monotonic() + 60
        while not self._is_quiet():
            assert time.monotonic() < deadline, "parts are still under way"
            time.sleep(0.01)

    def _is_quiet(self) -> bool:
        with self.lock:
            return not self.busy_parts and not readable([self._listener, *self._open], 0)

    def converse(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 256 * 1024)
        far = socket.create_connection(("127.0.0.1", self._server.port))
        with far, contextlib.suppress(http.client.HTTPException):
            while self._exchange(connection, far):
                pass

    def _exchange(self, near: socket.socket, far: socket.socket) -> bool:
        if (read := read_head(near)) is None:
            return False
        head, rest = read
        call = Call(*parse_head(head))
        with self.lock:
            self.calls.append(call)
            mood = self.mood(call)
        if mood == "hang":
            self.closing.wait()
            return False
        length = int(call.headers.get("content-length", 0))
        if mood == "drop":
            if "expect" in call.headers:
                near.sendall(CONTINUE)
            near.recv(min(length, BLOCK) or 1)
            reset_at_close(near)
            return False
        if mood in ERRORS:
            return self._refuse(near, mood, call)
        far.sendall(head)
        with self._counted(call):
            if "expect" not in call.headers or _goes_on(near, far):
                self._pump(near, far, rest, length)
            answer = http.client.HTTPResponse(far, method=call.method)
            answer.begin()
            body = answer.read()
        if mood == "lose":
            return False
        _relay(near, answer, body, call)
        return not answer.will_close

    @contextlib.contextmanager
    def _counted(self, call: Call) -> Any:
        one = call.operation == "UploadPart"
        with self.lock:
            self.busy_parts += one
            self.most_parts = max(self.most_parts, self.busy_parts)
        try:
            yield
        finally:
            with self.lock:
                self.busy_parts -= one

    def _pump(self, near: socket.socket, far: socket.socket, rest: bytes, length: int) -> None:
        began, done = time.monotonic(), 0
        while done < length:
            block = rest or near.recv(min(BLOCK, length - done))
            rest = b""
            if not block:
                raise OSError("the client is gone")
            done += len(block)
            if self.rate:
                self.closing.wait(max(0.0, began + done / self.rate - time.monotonic()))
            far.sendall(block)

    def _refuse(self, near: socket.socket, mood: Mood, call: Call) -> bool:
        status, code = ERRORS[mood]
        body = f"<Error><Code>{code}</Code><Message>as told</Message></Error>".encode()
        body = b"" if call.method == "HEAD" else body
        near.sendall(reply(body, None, status=status, headers=[("Connection", "close")]))
        return False


def _goes_on(near: socket.socket, far: socket.socket) -> bool:
    """Return True if the server wants the body: it does not read one that it refuses at once."""
    while not (seen := far.recv(65536, socket.MSG_PEEK)).count(b"\r\n\r\n"):
        if not seen:
            raise OSError("the server is gone")
        time.sleep(0.001)
    if not seen.startswith(CONTINUE[:12]):
        return False
    far.recv(seen.index(b"\r\n\r\n") + 4)
    near.sendall(CONTINUE)
    return True


def _relay(near: socket.socket, answer: Any, body: bytes, call: Call) -> None:
    dropped = ("transfer-encoding", "content-length", "connection")
    lines = [f"{n}: {v}" for n, v in answer.getheaders() if n.lower() not in dropped]
    length = answer.getheader("Content-Length") if call.method == "HEAD" else len(body)
    if answer.will_close:
        lines.append("Connection: close")
    head = [f"HTTP/1.1 {answer.status} X", *lines, f"Content-Length: {length or 0}"]
    near.sendall(("\r\n".join(head) + "\r\n\r\n").encode("latin-1") + body)
