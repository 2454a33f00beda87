"""A yt-dlp that an attacker has taken over: runs in its jail, with its confinement, and tries.

python -I misbehaving.py PATH_OF_SERVE DENO. What it is asked to extract names the attempt:
``http://host/ATTEMPT?ARGUMENT``. What came of it is its answer's sentence.
"""

from __future__ import annotations

import os
import runpy
import socket
import subprocess
import sys
import time
from typing import Any
from urllib.parse import unquote, urlsplit


def read(path: str) -> str:
    with open(path, "rb") as file:  # noqa: PTH123
        return repr(file.read(20))


def write(path: str) -> str:
    with open(path, "ab") as file:  # noqa: PTH123
        file.write(b"hostile")
    return "written"


def list_folder(path: str) -> str:
    return str(os.listdir(path))  # noqa: PTH208


def tcp(port: str) -> str:
    socket.create_connection(("127.0.0.1", int(port)), 5).close()
    return "connected"


def listen(_: str) -> str:
    socket.create_server(("127.0.0.1", 0))
    return "listening"


def udp(port: str) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"out", ("127.0.0.1", int(port)))
    return "sent"


def unix(path: str) -> str:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(path)
    return "connected"


def run(program: str) -> str:
    return str(subprocess.run([program, "-c", "echo out"], capture_output=True, check=False))


def signal_owner(pid: str) -> str:
    os.kill(int(pid), 0)
    return "signalled"


def environment(_: str) -> str:
    return " ".join(sorted(os.environ))


def proxy_without_credentials(_: str) -> str:
    with socket.create_connection(("127.0.0.1", _proxy), 5) as sock:
        sock.sendall(b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n")
        return sock.recv(200).decode().split("\r\n")[0]


def fork(_: str) -> str:
    while True:
        if os.fork() == 0:
            time.sleep(300)


def eat(_: str) -> str:
    eaten = []
    while True:
        eaten.append(b"x" * (16 << 20))


def ignore(_: str) -> str:
    time.sleep(300)
    return "awake"


def outlive(marker: str) -> str:
    """A grandchild that ignores the pipe and all signals that can be ignored."""
    if os.fork() == 0:
        if os.fork() == 0:
            os.execv(
                sys.executable, [sys.executable, "-I", "-c", "import time; time.sleep(300)", marker]
            )
        os._exit(0)
    time.sleep(0.5)
    return "left"


def handle(request: dict[str, Any]) -> Any:
    global _proxy
    if request["do"] == "site":
        return ""
    _proxy = urlsplit(request["proxy"]).port or 0
    asked = urlsplit(request["url"])
    try:
        outcome = "got " + globals()[asked.path.strip("/")](unquote(asked.query))
    except OSError as error:
        outcome = f"refused {type(error).__name__} {error.errno}"
    return {"failure": {"kind": "Attempt", "message": outcome, "expected": True}}


_proxy = 0
runpy.run_path(sys.argv[1])["serve"](handle)
