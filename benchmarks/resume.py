"""The bytes fetched twice after ``kill -9``: before and after, less the file's size.

    python -m benchmarks.resume [--rounds 5]

256 MiB at 128 MB/s (16 connections of 8 MB/s), killed half way, then the same command again. The
goal is the amount of a quarter of a second, and the sockets' buffers.
"""

from __future__ import annotations

import argparse
import filecmp
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.compare import Verdict, print_times, print_verdicts, write_json
from benchmarks.origin import origin
from benchmarks.single_file import MEMORY, MIB, random_file

SIZE, RATE, CONNECTIONS = 256 * MIB, 8_000_000, 16
SOCKET_BUFFERS = 16 * MIB
GOAL = (RATE * CONNECTIONS * 0.25 + SOCKET_BUFFERS) / MIB
WORK = "kill -9 at 128 MB/s, resumed: fetched twice"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=Path("resume.json"))
    options = parser.parse_args()
    twice: dict[str, list[float]] = {"ferry": [], "aria2c -x16": []}
    for _ in range(options.rounds):
        for name, command in (("ferry", _ferry), ("aria2c -x16", _aria2c)):
            if name == "ferry" or shutil.which("aria2c"):
                twice[name].append(once(command) / MIB)
    twice = {name: taken for name, taken in twice.items() if taken}
    print_times(f"{WORK}, MiB instead of", twice)
    verdicts = [Verdict(WORK, "0.25 s + buffers", GOAL, statistics.median(twice["ferry"]), "MiB")]
    print_verdicts(verdicts)
    write_json(options.json, twice, verdicts)


def once(command: Callable[[str, Path], Sequence[str]]) -> int:
    """Return the bytes sent by the source beyond the file's size."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        served, made = Path(folder) / "served", Path(folder) / "made"
        served.mkdir()
        made.mkdir()
        random_file(served / "file.bin", SIZE)
        tally = Path(folder) / "sent"
        with origin(served, "--rate", str(RATE), "--tally", str(tally)) as port:
            argv = command(f"http://127.0.0.1:{port}/file.bin", made / "out")
            first = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while _sent(tally) < SIZE // 2:
                time.sleep(0.01)
            first.kill()
            first.wait()
            subprocess.run(argv, check=True, capture_output=True, timeout=120)
            time.sleep(0.2)
            sent = _sent(tally)
        if not filecmp.cmp(served / "file.bin", made / "out", shallow=False):
            raise SystemExit("the resumed file is wrong")
    return sent - SIZE


def _sent(tally: Path) -> int:
    found = re.fullmatch(r"\d+", tally.read_text()) if tally.exists() else None
    return int(found[0]) if found else 0


def _ferry(url: str, out: Path) -> Sequence[str]:
    allowed = ("--allow-network", "127.0.0.0/8", "--connections", str(CONNECTIONS))
    return (sys.executable, "-m", "downloads.engine", url, "-o", str(out), *allowed)


def _aria2c(url: str, out: Path) -> Sequence[str]:
    many = ("-x16", "-s16", "-k1M", "--file-allocation=none", "--auto-save-interval=1", "-c", "-q")
    return ("aria2c", *many, "-d", str(out.parent), "-o", out.name, url)


if __name__ == "__main__":
    main()
