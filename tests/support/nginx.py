"""A real nginx in front of Ferry, with servers as a test or an example of the docs writes them."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

import pytest

from tests.support.shell import ROOT

EXAMPLE = ROOT / "docs" / "examples" / "nginx.conf"
# What a distribution's own nginx.conf has around such a server; paths below the test's folder.
AROUND = """
daemon off;
master_process off;
worker_rlimit_nofile 4096;
pid nginx.pid;
error_log stderr error;
events {{ worker_connections 2048; }}
http {{
    sendfile on;
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    default_type application/octet-stream;
    {servers}
}}
"""


def example(**replaced: str) -> str:
    """Return the example of the docs, with these patterns in place of its own addresses and paths.

    Each pattern of PLACES must be there, so that the example cannot lose one unnoticed.
    """
    text = EXAMPLE.read_text()
    for name, value in replaced.items():
        text, count = re.subn(PLACES[name], lambda _, value=value: value, text)
        assert count, f"{EXAMPLE} has no {name}"
    return text


PLACES = {
    "listen": r"listen 443 ssl;\n *listen \[::\]:443 ssl;",
    "certificate": r"/etc/letsencrypt/live/ferry.example.org/fullchain.pem",
    "key": r"/etc/letsencrypt/live/ferry.example.org/privkey.pem",
    "upstream": r"127\.0\.0\.1:8000",
    "location": r"location / \{",
    "files": r"/var/lib/ferry/media/",
}


class Nginx:
    """``with Nginx(folder, servers, listens_on)``: waits until it listens on the port."""

    def __init__(self, folder: Path, servers: str, port: int) -> None:
        self._program = shutil.which("nginx")
        if self._program is None:
            pytest.skip("nginx is not here")
        self._folder = folder
        self._port = port
        (folder / "nginx.conf").write_text(AROUND.format(servers=servers))

    def __enter__(self) -> Nginx:
        command = [str(self._program), "-p", str(self._folder), "-c", "nginx.conf"]
        self._log = (self._folder / "nginx.log").open("wb")
        # Its default error log, until it has read the configuration, is of no use to a test.
        self.process = subprocess.Popen(
            [*command, "-e", "stderr"], stderr=self._log, env={"PATH": os.environ["PATH"]}
        )
        deadline = time.monotonic() + 30
        while True:
            assert self.process.poll() is None, self.log
            try:
                socket.create_connection(("127.0.0.1", self._port), 1).close()
                return self
            except OSError:
                assert time.monotonic() < deadline, self.log
                time.sleep(0.02)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.terminate()
        self.process.wait(30)
        self._log.close()
        if error is not None:
            print(self.log)

    @property
    def log(self) -> str:
        return (self._folder / "nginx.log").read_text(errors="replace")
