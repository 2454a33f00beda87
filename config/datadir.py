"""The folder that `up` and every other command share, and the two secrets kept in it."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from config.start_error import StartError

BASE_DIR = Path(__file__).resolve().parent.parent


def absolute(path: str) -> Path:
    """Return an absolute path; a relative one starts at the project's folder, so that every command
    finds the same."""
    return (BASE_DIR / Path(path).expanduser()).resolve()


def make_writable(folder: Path, variable: str) -> None:
    """Create the folder and try a write. Raises StartError naming the variable."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise StartError(
            f"{variable}: the folder {folder} cannot be written to ({error.strerror}). "
            f"Give this user the right to write there, or set {variable} to another folder."
        ) from None


def make_private(data_dir: Path, database: Path | None = None) -> None:
    """Take the right to list, read and write the folder and its database from other users. The
    right to pass through stays: a proxy may serve what lies below.

    ``database``: the SQLite file, made if it is not there; SQLite gives the files beside it its
    mode.
    """
    if database is not None:
        os.close(os.open(database, os.O_CREAT, 0o600))
    for path in (data_dir, *data_dir.glob("ferry.sqlite3*")):
        found = path.stat()
        if found.st_mode & 0o066 and found.st_uid == os.geteuid():
            path.chmod(found.st_mode & 0o7711)


def secret_key_file(data_dir: Path) -> Path:
    return data_dir / "secret_key"


def redis_url_file(data_dir: Path) -> Path:
    return data_dir / "redis" / "url"


def read(path: Path) -> str:
    """Return the file's text without line end; empty if there is no such file. Raises
    StartError."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise StartError(
            f"The file {path} cannot be read ({error.strerror}). "
            "Run this command as the user who ran `manage.py up`."
        ) from None


def write_private(path: Path, text: str) -> None:
    """Write the file atomically, readable by this user alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def make_secret_key(data_dir: Path) -> None:
    """Create a SECRET_KEY in the folder, once."""
    path = secret_key_file(data_dir)
    if not read(path):
        write_private(path, secrets.token_urlsafe(48))
