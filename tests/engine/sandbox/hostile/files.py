"""Files that are not its own."""

# As near to the kernel as Python gets, so no pathlib where os has the very call.
# ruff: noqa: PTH101, PTH104, PTH108, PTH115, PTH123, PTH208, PTH211

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from kernel import call


def read(path: str) -> str:
    return Path(path).read_bytes()[:20].decode("latin-1")


def list_folder(path: str) -> list[str]:
    return os.listdir(path)


def write(path: str) -> str:
    Path(path).write_text("hostile")
    return "written"


def append(path: str) -> str:
    with open(path, "a") as file:
        file.write("hostile")
    return "written"


def unlink(path: str) -> str:
    os.unlink(path)
    return "gone"


def chmod(path: str) -> str:
    os.chmod(path, 0)
    return "changed"


def utime(path: str) -> str:
    os.utime(path, (0, 0))
    return "changed"


def truncate(path: str) -> str:
    os.truncate(path, 0)
    return "cut"


def setxattr(path: str) -> str:
    os.setxattr(path, "user.hostile", b"1")
    return "set"


def chmod_through_a_descriptor(path: str) -> str:
    os.fchmod(os.open(path, os.O_RDONLY), 0)
    return "changed"


def read_through_own_symlink(path: str) -> str:
    os.symlink(path, "link")
    return read("link")


def leave_a_symlink(path: str) -> str:
    os.symlink(path, "link")
    return os.readlink("link")


def leave_a_pipe() -> str:
    os.mkfifo("pipe")
    return "left"


def hard_link(path: str) -> str:
    os.link(path, "linked")
    return read("linked")


def watch_names(path: str) -> int:
    """Watch a folder for names that appear in it, by inotify."""
    watching = call("inotify_init1", 0)
    return call("inotify_add_watch", watching, path.encode(), 0x100)


def move_in(path: str) -> str:
    os.rename(path, "moved")
    return read("moved")


def move_out(path: str) -> str:
    Path("mine").write_text("hostile")
    os.rename("mine", path)
    return "moved"


def run_own_program() -> str:
    with os.fdopen(os.open("program", os.O_CREAT | os.O_WRONLY, 0o755), "wb") as file:
        file.write(Path(sys.executable).read_bytes())
    home = {"PYTHONHOME": sys.base_prefix}
    ran = subprocess.run(["./program", "-c", "print(1)"], env=home, capture_output=True, text=True)
    return ran.stdout


def run(program: str) -> int:
    return subprocess.run([program], capture_output=True).returncode
