"""Settings of the test suite: a folder of its own, quick hashes, and a real Redis of its own.

The database is the one of DATABASE_URL, or SQLite in a file: an in-memory one has neither WAL
nor a second process.
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from config.server.supervisor.port import ReservedPort

_FOLDER = Path(tempfile.mkdtemp(prefix="ferry-tests-"))
_OWNER = os.getpid()
_REDIS_PORT = ReservedPort()  # until this process ends: tests stop their Redis, and start it again


def _remove_folder() -> None:
    if os.getpid() == _OWNER:  # not in a forked child
        shutil.rmtree(_FOLDER, ignore_errors=True)


atexit.register(_remove_folder)
os.environ["ENV_FILE"] = os.devnull
os.environ["DATA_DIR"] = str(_FOLDER)
os.environ["SECRET_KEY"] = secrets.token_urlsafe(48)
os.environ["REDIS_URL"] = f"redis://:{secrets.token_hex(8)}@127.0.0.1:{_REDIS_PORT.number}/0"
_CALLERS = (
    "STORAGE_PATH DEBUG TZ AWS_STORAGE_BUCKET_NAME FETCH_ALLOWED_NETWORKS URL_PREFIX"
    " X_ACCEL_PREFIX UNIX_SOCKET TRUSTED_PROXIES"
)
for _name in _CALLERS.split():
    os.environ.pop(_name, None)

from config.settings.base import *
from config.settings.base import DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MIN_FREE_SPACE = 0
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1", "[::1]"]

if DATABASES["default"]["ENGINE"] == "config.sqlite":
    DATABASES["default"]["TEST"] = {"NAME": str(_FOLDER / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    )
