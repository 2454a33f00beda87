"""The rights on DATA_DIR and on the secrets in it."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from config import datadir
from downloads.doctor.finding import Finding, fail, ok


def probe() -> Iterator[Finding]:
    folder = Path(settings.DATA_DIR)
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        yield fail(
            "data_dir",
            f"DATA_DIR ({folder}) cannot be written to ({error.strerror}).",
            "Give Ferry's user the right to write there, or set DATA_DIR to another folder.",
        )
        return
    # A proxy may pass through the folder itself, but list and read nothing in it.
    places = {
        folder: 0o066,
        datadir.secret_key_file(folder): 0o077,
        folder / "ferry.sqlite3": 0o066,
        datadir.redis_url_file(folder): 0o077,
    }
    opened = [path for path, mask in places.items() if _mode(path) & mask]
    if opened:
        named = ", ".join(f"{path} ({stat.filemode(path.stat().st_mode)})" for path in opened)
        yield fail(
            "data_dir_modes",
            f"Other users can read or write what must be private: {named}.",
            f"Run: chmod go-rw {' '.join(map(str, opened))}",
        )
    else:
        yield ok("data_dir_modes", f"DATA_DIR ({folder}) can be written to, by its owner alone.")
    if folder.stat().st_uid != os.geteuid():
        yield fail(
            "data_dir_owner",
            "DATA_DIR belongs to another user than the one who runs this.",
            "Run this command as the user who runs Ferry, or give DATA_DIR to that user (chown).",
        )


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0
