"""A bare Debian in a folder, entered by chroot."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.debian import make_debian, pip_variables

HERE = Path(__file__).parent


class Machine:
    """``root`` is its root folder; ``names`` are replaced in each block that it runs."""

    def __init__(self, root: Path, names: Mapping[str, str]) -> None:
        self.root = root
        self._names = names

    def run(self, block: str) -> str:
        """Run a block of the guide as root, as a person would who pastes it. Return its output."""
        for name, ours in self._names.items():
            block = block.replace(name, ours)
        ended = subprocess.run(
            ["chroot", str(self.root), "env", "-i", *pip_variables(),
             "DEBIAN_FRONTEND=noninteractive",
             "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
             "bash", "-euo", "pipefail", "-c", block],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            cwd="/",
        )  # fmt: skip
        assert ended.returncode == 0, f"{block}\n{ended.stdout[-4000:]}"
        return ended.stdout

    def take_the_code(self, of: Path) -> None:
        """Have the commit that is checked out as the repository that the guide clones."""
        git = ["git", "-c", "safe.directory=*", "-C", str(self.root / "srv")]
        subprocess.run([*git, "clone", "--quiet", "--bare", str(of), "ferry.git"], check=True)
        # What checks a commit out for the gate may be on no branch: the guide pulls one.
        git = [*git, "--git-dir", "ferry.git"]
        subprocess.run([*git, "update-ref", "refs/heads/main", "HEAD"], check=True)
        subprocess.run([*git, "symbolic-ref", "HEAD", "refs/heads/main"], check=True)


@contextmanager
def make_machine(folder: Path) -> Iterator[Machine]:
    """Make one, with this machine's sources of packages and certificates."""
    root = folder / "machine"
    make_debian(root, "ca-certificates")
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    copy = ["cp", "-a", "--remove-destination", "/etc/ssl/certs/.", str(root / "etc/ssl/certs")]
    subprocess.run(copy, check=True)
    # no service starts while packages are installed: it would meet this machine's
    (root / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
    (root / "usr/sbin/policy-rc.d").chmod(0o755)
    shutil.copy(HERE / "systemctl.py", root / "usr/local/bin/systemctl")
    (root / "usr/local/bin/systemctl").chmod(0o755)
    mounts = ["proc", "dev", "run"]
    subprocess.run(["mount", "-t", "proc", "proc", str(root / "proc")], check=True)
    subprocess.run(["mount", "--rbind", "--make-rslave", "/dev", str(root / "dev")], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(root / "run")], check=True)
    try:
        yield Machine(root, {"https://git.example.org/ferry.git": "/srv/ferry.git"})
    finally:
        for name in mounts:
            subprocess.run(["umount", "--lazy", "--recursive", str(root / name)], check=False)
