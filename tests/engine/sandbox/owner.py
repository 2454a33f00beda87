"""A process that owns a jailed program, for tests that kill it. Prints a line once that runs.

    python owner.py WORK_DIR      the marker of what it starts comes on stdin

A thread starts it and is gone then: what it started is not to go with it.
"""

from __future__ import annotations

import select
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from downloads.engine.sandbox.confinement import Confinement
from downloads.engine.sandbox.process import JailedProcess

HOSTILE = Path(__file__).with_name("hostile")


def start(work_dir: Path, marker: str, kept: list[JailedProcess]) -> None:
    confinement = Confinement(work_dir=work_dir, read_paths=(HOSTILE,), processes=8)
    argv = [sys.executable, "-I", str(HOSTILE), "leave_a_daemon_and_stay", marker]
    kept.append(JailedProcess(argv, confinement))
    select.select([kept[0].stdout], [], [])  # until it runs: so its launcher saw this thread alive


def main() -> None:
    kept: list[JailedProcess] = []
    arguments = (Path(sys.argv[1]), sys.stdin.readline().strip(), kept)
    starter = threading.Thread(target=start, args=arguments)
    starter.start()
    starter.join()
    print(kept[0].launcher, flush=True)
    time.sleep(300)


main()
