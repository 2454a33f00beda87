"""Checks before anything is started; each fails with one line."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from typing import TextIO

from django.db import DatabaseError, connection

from config import hosts
from config.start_error import StartError


def lock(data_dir: Path) -> TextIO:
    """Lock the folder for one `up`. The kernel releases the lock with the process: it cannot go
    stale. Raises StartError."""
    file = (data_dir / "up.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        owner = file.read().strip() or "unknown"
        raise StartError(
            f"Ferry is already running in {data_dir} (process {owner}). "
            "Stop that one first, or set DATA_DIR to another folder."
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def check_port(host: str, port: int) -> None:
    """Listen for a moment on the address of the web process. Raises StartError."""
    try:
        hosts.listen_once(host, port)
    except OSError as error:
        raise StartError(_reason(error, host, port)) from None


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"PORT {port} on {host} is in use by another program. "
            "Stop that one, or set PORT to a free one."
        )
    if error.errno == errno.EACCES:
        return f"PORT {port} needs root. Set PORT to a number from 1024 on, such as 8000."
    return (
        f"HOST {host} is not an address of this machine ({error.strerror}). "
        "Set HOST to 127.0.0.1, or to 0.0.0.0 for every interface."
    )


def check_database() -> None:
    """Connect once, before a migration fails with a page of traceback. Raises StartError."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        reason = (str(error).splitlines() or ["no reason given"])[0]
        raise StartError(
            f"DATABASE_URL: the database cannot be used ({reason}). "
            "Start it, or correct DATABASE_URL."
        ) from None
    finally:
        connection.close()
