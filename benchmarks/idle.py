"""Memory and processor time of an idle ``make run``: all of its processes together.

    python -m benchmarks.idle [--rest 60] [--seconds 30] [--against FOLDER]

Starts Ferry as ``make run`` does, without the sample, and leaves it alone for ``--rest`` seconds.
Memory is proportional (``/proc/PID/smaps_rollup``: a page that several processes share counts in
parts), processor time that of ``/proc/PID/task/TID/schedstat`` over ``--seconds``: the usual
figures have a grain of 10 ms, more than most of these processes take in a second. ``--against`` has
a checkout of other code measured before it, alone too: beside each other they would share pages.
Prints a line for each process, and writes JSON. Linux only.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from benchmarks.compare import Verdict, as_data, print_verdicts
from tests.support.shell import ROOT
from tests.support.stack import Stack

MEMORY = 250.0  # MiB
PROCESSOR = 0.5  # percent of one core
NAMES = ("valkey-server", "daphne", "celery", "scheduler", "launcher.py", "ytdlp", "manifests")


@dataclass(frozen=True, slots=True)
class Share:
    """One process: MiB of memory, percent of a core, and how often it was woken a second."""

    name: str
    memory: float
    processor: float
    wakeups: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rest", type=float, default=60.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--against", type=Path, help="a checkout of other code")
    parser.add_argument("--json", type=Path, default=Path("idle.json"))
    options = parser.parse_args()
    roots = {"this code": ROOT}
    if options.against:
        roots = {"other code": options.against.resolve(), **roots}
    found = {name: measure(root, options.rest, options.seconds) for name, root in roots.items()}
    _report(found, options.json)


def measure(root: Path, rest: float, seconds: float) -> list[Share]:
    """Return the shares of the processes of an idle Ferry of this code."""
    with (
        tempfile.TemporaryDirectory(prefix="ferry-bench-") as folder,
        Stack(Path(folder) / "data", bare=True, root=root) as stack,
    ):
        time.sleep(rest)
        before = {process: _taken(process) for process in _tree(stack)}
        time.sleep(seconds)
        return [_share(process, before.get(process, (0.0, 0)), seconds) for process in _tree(stack)]


def _tree(stack: Stack) -> list[psutil.Process]:
    return [psutil.Process(stack.process.pid), *stack.children()]


def _share(process: psutil.Process, before: tuple[float, int], seconds: float) -> Share:
    taken, wakeups = _taken(process)
    return Share(
        _name(process),
        _memory(process),
        100 * (taken - before[0]) / seconds,
        (wakeups - before[1]) / seconds,
    )


def _name(process: psutil.Process) -> str:
    words = " ".join(process.cmdline())
    if "ferry-guardian" in words or "guardian.py" in words:
        return "guardian"
    if "config.server.supervisor" in words:  # its arguments name the others
        return "up"
    return next((name for name in NAMES if name in words), "up")


def _memory(process: psutil.Process) -> float:
    lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))


def _taken(process: psutil.Process) -> tuple[float, int]:
    """Return the seconds of processor and the wake-ups of all threads of a process."""
    seconds, wakeups = 0.0, 0
    for thread in Path(f"/proc/{process.pid}/task").iterdir():
        seconds += int((thread / "schedstat").read_text().split()[0]) / 1e9
        for line in (thread / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                wakeups += int(line.split()[1])
    return seconds, wakeups


def _report(found: dict[str, list[Share]], path: Path) -> None:
    for name, shares in found.items():
        print(f"{name:<24}{'MiB':>8}{'% core':>8}{'wake-ups/s':>12}")
        for one in [*shares, _total(shares)]:
            print(f"{one.name:<24}{one.memory:>8.1f}{one.processor:>8.2f}{one.wakeups:>12.1f}")
    own = _total(found["this code"])
    verdicts = [
        Verdict("an idle Ferry, memory", "-", MEMORY, own.memory, "MiB"),
        Verdict("an idle Ferry, processor", "-", PROCESSOR, own.processor, "% of a core"),
    ]
    print_verdicts(verdicts)
    shares = {name: [asdict(one) for one in each] for name, each in found.items()}
    path.write_text(json.dumps({"shares": shares, "verdicts": as_data(verdicts)}, indent=2) + "\n")


def _total(shares: list[Share]) -> Share:
    return Share(
        "all",
        sum(one.memory for one in shares),
        sum(one.processor for one in shares),
        sum(one.wakeups for one in shares),
    )


if __name__ == "__main__":
    main()
