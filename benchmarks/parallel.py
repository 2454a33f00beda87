"""Eight transfers at once: one process of Ferry's against eight of aria2c, and its memory.

python -m benchmarks.parallel [--rounds 5]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.compare import (
    Goal,
    Tool,
    Verdict,
    both,
    compare,
    judge,
    print_both,
    print_verdicts,
    write_json,
)
from benchmarks.origin import origin
from benchmarks.single_file import MEMORY, random_file

COUNT, SIZE = 8, 100_000_000
WORK = "8 x 100 MB at once"
MEMORY_GOAL = 16.0  # MiB that one transfer adds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=Path("parallel.json"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        served, made = Path(folder) / "served", Path(folder) / "made"
        served.mkdir()
        made.mkdir()
        random_file(served / "file.bin", SIZE)
        with origin(served) as port:
            url = f"http://127.0.0.1:{port}/file.bin"
            times = compare(_tools(url), made, options.rounds, _verify)
            added = max(memory(url, made) for _ in range(3))
    verdicts = judge(WORK, times, [Goal("ferry", "8 aria2c", 1.0, processor=1.0)])
    verdicts.append(Verdict("memory of one transfer", "its process", MEMORY_GOAL, added, "MiB"))
    print_both(WORK, times)
    print_verdicts(verdicts)
    write_json(options.json, both(times), verdicts)


def _tools(url: str) -> Sequence[Tool]:
    tools = [Tool("ferry", [[sys.executable, "-m", "benchmarks.parallel_fetch", url, "{out}"]])]
    if shutil.which("aria2c"):
        quiet = "-q --file-allocation=none -x4 -s4"
        one = f"aria2c {quiet} -d {{folder}} -o {{name}}.$i {url}"
        tools.append(
            Tool("8 aria2c", [["sh", "-c", f"for i in 0 1 2 3 4 5 6 7; do {one} & done; wait"]])
        )
    return tools


def _verify(tool: Tool, out: Path) -> None:
    for number in range(COUNT):
        if out.with_name(f"{out.name}.{number}").stat().st_size != SIZE:
            raise SystemExit(f"{tool.name}: number {number} is not whole")


def memory(url: str, folder: Path) -> float:
    """Return the MiB that one transfer adds to the process that runs it, at its highest."""
    command = [sys.executable, "-m", "benchmarks.parallel_fetch", url, str(folder / "m"), "1"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(ended.stdout)


if __name__ == "__main__":
    main()
