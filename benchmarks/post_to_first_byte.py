"""The time from a POST to the worker's start, and to the first request to the source.

    python -m benchmarks.post_to_first_byte [--count 100]

Starts ``manage.py up`` in a folder of its own and a source on loopback; requests one small file
after the other, with all the product's checks. Prints min, median, p99 and max in milliseconds, and
writes JSON. The download itself says when its worker started; the clock is the same.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path

from benchmarks.compare import Verdict, as_data, print_verdicts
from tests.support.content import content
from tests.support.file import File
from tests.support.origin import Origin
from tests.support.request import Request
from tests.support.stack import Person, Stack, until

GOALS = {"POST to the worker's start, p50": 40.0, "POST to the first byte asked, p50": 60.0}
PAUSE = 0.05  # seconds between two, so that none waits for the one before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--json", type=Path, default=Path("post_to_first_byte.json"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder)) as stack:
        rows = [summary(times) for times in measure(stack.admin, options.count)]
    named = dict(zip(GOALS, rows, strict=True))
    print(f"{'milliseconds':<36}" + "".join(f"{name:>10}" for name in rows[0]))
    for name, row in named.items():
        print(f"{name:<36}" + "".join(f"{value:>10.1f}" for value in row.values()))
    verdicts = [Verdict(name, "-", goal, named[name]["p50"], "ms") for name, goal in GOALS.items()]
    print_verdicts(verdicts)
    data = {"milliseconds": named, "verdicts": as_data(verdicts)}
    options.json.write_text(json.dumps(data, indent=2) + "\n")


def measure(person: Person, count: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds until a worker began, and until the source was asked, for each
    download."""
    origin = Origin()
    arrived: dict[str, float] = {}

    def note(_: File, asked: Request) -> None:
        arrived.setdefault(asked.path, time.time())

    starts, bytes_asked = [], []
    try:
        for number in range(count + 5):
            path = f"/{number}.bin"
            origin.serve(path, content(1000), on_request=note)
            asked_at = time.time()
            download = person.ask(origin.url(path))
            until(lambda path=path: path in arrived, 30, pause=0.0005)  # type: ignore[misc]
            bytes_asked.append((arrived[path] - asked_at) * 1000)
            done = person.wait_for(download["id"], "completed")
            started = datetime.fromisoformat(done["startedAt"]).timestamp()
            starts.append((started - asked_at) * 1000)
            time.sleep(PAUSE)
    finally:
        origin.close()
    return starts[5:], bytes_asked[5:]  # the first ones pay for imports and connections


def summary(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "min": ordered[0],
        "p50": statistics.median(ordered),
        "p99": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))],
        "max": ordered[-1],
    }


if __name__ == "__main__":
    main()
