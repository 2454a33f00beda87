"""A migrated SQLite file to begin with: applying every migration takes 1.7 s of processor, and
dozens of stacks would each do it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.shell import ROOT

_FOLDER = ROOT / ".pytest_cache" / "migrated"


def copy_migrated_file(to: Path) -> None:
    """Copy it to ``to``, as `manage.py migrate` of this code leaves it. The first
    that needs it makes it."""
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _FOLDER.mkdir(parents=True, exist_ok=True)
    made = _FOLDER / f"{version()}.sqlite3"
    with (_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _make(made)
    shutil.copyfile(made, to)
    to.chmod(0o600)


def version() -> str:
    """Return a name for these migrations: of ours, and of the packages by their versions."""
    files = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("downloads/search/*.py")]
    files.append(ROOT / "requirements-test.txt")
    text = b"".join(file.name.encode() + file.read_bytes() for file in sorted(files))
    return hashlib.sha256(text).hexdigest()[:16]


def _make(made: Path) -> None:
    for old in made.parent.glob("*.sqlite3"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "DATA_DIR": folder,
            "ENV_FILE": os.devnull,
            "SECRET_KEY": "a key of which nothing is kept in a database that is only migrated",
        }
        command = [sys.executable, "manage.py", "migrate", "--noinput", "-v", "0"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=300)
        fresh = made.with_suffix(".new")
        shutil.copyfile(Path(folder) / "ferry.sqlite3", fresh)
    fresh.rename(made)
