"""Follow docs/bare-machine.md, every block as it stands, on a Debian made for it.

    python -m tests.guide

As root. The blocks that need the package registries run in a chroot with this machine's network;
from "Database and Redis" on, everything runs in namespaces of its own. Replaced are the names that
the guide says are the reader's, and systemd, which a chroot has not (tests/guide/systemctl.py).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.guide.blocks import sections
from tests.guide.machine import make_machine
from tests.support.shell import ROOT

ONLINE = ("1. Packages", "2. Ferry, and its user")
WITHIN = 8 * 60.0  # seconds for all of it


def main() -> None:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as here:
        folder = Path(here)
        folder.chmod(0o755)
        told = sections((ROOT / "docs" / "bare-machine.md").read_text())
        with make_machine(folder) as machine:
            machine.take_the_code(ROOT)
            for title in ONLINE:
                for block in told[title]:
                    machine.run(block)
                _say(began, title)
            inside = [sys.executable, "-m", "tests.guide.offline", str(machine.root)]
            subprocess.run(
                ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", *inside],
                cwd=ROOT,
                check=True,
            )
        _say(began, "all of it")
    assert time.monotonic() - began <= WITHIN


def _say(began: float, what: str) -> None:
    print(f"guide: {what}: after {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
