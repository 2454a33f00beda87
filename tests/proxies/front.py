"""A web process as the image starts it, and clients that reach it through a proxy with TLS."""

from __future__ import annotations

import http.client
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from django.conf import settings
from websockets.sync.client import ClientConnection, connect

from config.hosts import address_here
from config.server.container import command_of
from config.server.supervisor import procfile
from config.server.supervisor.port import ReservedPort
from tests.support.certificate import make_certificate
from tests.support.daphne import database_url
from tests.support.nginx import Nginx, example
from tests.support.shell import ROOT
from tests.support.stack import clean_environment

HOST = "ferry.example.org"
# As the examples say.
BEHIND = {
    "BEHIND_HTTPS_PROXY": "true",
    "TRUSTED_PROXIES": "127.0.0.1",
    "ALLOWED_HOSTS": HOST,
    "CSRF_TRUSTED_ORIGINS": f"https://{HOST}",
}


class WebProcess:
    """The Procfile's web process over this test's own database, storage and Redis."""

    def __init__(self, **variables: str) -> None:
        self._reserved = ReservedPort()
        self.port = self._reserved.number
        environment = {
            **BEHIND,
            "SECRET_KEY": settings.SECRET_KEY,
            "REDIS_URL": settings.REDIS_URL,
            "DATABASE_URL": database_url(),
            "STORAGE_PATH": str(settings.STORAGE_PATH),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "LOG_LEVEL": "warning",
            **variables,
        }
        self.environment = clean_environment(settings.DATA_DIR, **environment)

    def __enter__(self) -> WebProcess:
        command = command_of(["web"], procfile.parse((ROOT / "Procfile").read_text()))
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment)
        self._wait()
        return self

    def _wait(self) -> None:
        here = address_here(self.environment["HOST"].strip("[]"))
        deadline = time.monotonic() + 60
        while True:
            assert self.process.poll() is None, "the web process ended"
            try:
                socket.create_connection((here, self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, "the web process does not listen"
                time.sleep(0.05)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self._reserved.release()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def __getitem__(self, name: str) -> str | None:
        return self.headers.get(name)


@dataclass(frozen=True)
class Front:
    """A proxy that listens on this port with TLS. ``authority`` signed its certificate."""

    port: int
    authority: Path
    source: str = "127.0.0.1"

    @property
    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority))

    def open(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), 30, (self.source, 0))

    def ask(
        self,
        target: str,
        method: str = "GET",
        *,
        body: Any = None,
        length: int | None = None,
        **headers: str,
    ) -> Answer:
        """Headers by their names, with underscores. ``length``: of the body, to be read no more."""
        connection = http.client.HTTPConnection(HOST, 443)
        connection.default_port = 443
        connection.sock = self.context.wrap_socket(self.open(), server_hostname=HOST)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            chunked = body is not None and not isinstance(body, bytes)
            connection.request(method, target, body, named, encode_chunked=chunked)
            found = connection.getresponse()
            read = found.read(length)
            return Answer(found.status, found.headers, read)
        finally:
            connection.close()

    def socket(self, cookie: str) -> ClientConnection:
        return connect(
            f"wss://{HOST}/ws/downloads/",
            sock=self.open(),
            ssl=self.context,
            server_hostname=HOST,
            origin=f"https://{HOST}",  # type: ignore[arg-type]
            additional_headers={"Cookie": f"sessionid={cookie}"},
            compression=None,
        )


@contextmanager
def behind_nginx(folder: Path, **replaced: str) -> Iterator[Front]:
    """Start nginx with the example of the docs (see ``example``)."""
    port = ReservedPort()
    certificate, key = make_certificate(folder, HOST)
    servers = example(
        listen=f"listen 127.0.0.1:{port.number} ssl;",
        certificate=str(certificate),
        key=str(key),
        **replaced,
    )
    try:
        with Nginx(folder, servers, port.number):
            yield Front(port.number, certificate)
    finally:
        port.release()
