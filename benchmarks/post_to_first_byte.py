"""From a POST to the first byte asked of the source, in the product with all its checks.

    python -m benchmarks.post_to_first_byte [--count 100]

Starts ``manage.py up`` in a folder of its own and a source on loopback; asks for one small file
after the other. Prints min, median, p99 and max in milliseconds, and writes JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.compare import Verdict, as_data
from tests.stack.stack import Person, Stack, until
from tests.transfer.origin import Asked, File, Origin, content

GOAL_MS = 60.0
PAUSE = 0.05  # seconds between two, so that none waits for the one before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--json", type=Path, default=Path("post_to_first_byte.json"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder)) as stack:
        times = measure(stack.admin, options.count)
    row = summary(times)
    print(f"{'POST -> first byte':<22}" + "".join(f"{name:>10}" for name in row))
    print(f"{'milliseconds':<22}" + "".join(f"{value:>10.1f}" for value in row.values()))
    print(f"goal: median <= {GOAL_MS:.0f} ms: {'met' if row['p50'] <= GOAL_MS else 'missed'}")
    verdict = Verdict("POST to the first byte asked, p50", "-", GOAL_MS, row["p50"], "ms")
    options.json.write_text(json.dumps({**row, "verdicts": as_data([verdict])}, indent=2) + "\n")


def measure(person: Person, count: int) -> list[float]:
    """Milliseconds, one for each download."""
    origin = Origin()
    arrived: dict[str, float] = {}

    def note(_: File, asked: Asked) -> None:
        arrived.setdefault(asked.path, time.perf_counter())

    times = []
    try:
        for number in range(count + 5):
            path = f"/{number}.bin"
            origin.serve(path, content(1000), on_request=note)
            asked_at = time.perf_counter()
            download = person.ask(origin.url(path))
            until(lambda path=path: path in arrived, 30, pause=0.0005)  # type: ignore[misc]
            times.append((arrived[path] - asked_at) * 1000)
            person.wait_for(download["id"], "completed")
            time.sleep(PAUSE)
    finally:
        origin.close()
    return times[5:]  # the first ones pay for imports and connections


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
