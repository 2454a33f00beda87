"""``python -m tests.faults.rounds [rounds] [seed] [class]``: the matrix on real processes."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.faults.rounds.plan import plan, seed_of_commit
from tests.faults.rounds.play import play
from tests.faults.rounds.site import running_site
from tests.faults.rounds.table import table
from tests.support.host_clock import MISSING


def main(rounds: str = "", seed: str = "", only: str = "") -> int:
    drawn_by = int(seed) if seed else seed_of_commit()
    outcomes = []
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder)) as site:
        drawn = plan(int(rounds or 20), drawn_by, site, only=only)
        if site.clock is None:
            print(f"no fault of the clock: {MISSING}", flush=True)
        where = "PostgreSQL, Redis, bucket" if site.database_url else "SQLite, Redis, local storage"
        print(f"{len(drawn)} rounds on {where}, seed {drawn_by}", flush=True)
        for number, each in enumerate(drawn, 1):
            outcome = play(site, each)
            outcomes.append(outcome)
            told = f"failed: {outcome.failure}" if outcome.failure else "survived"
            print(f"{number:3} {each.name}: {', '.join(outcome.faults)}: {told}", flush=True)
    print(table(outcomes))
    return int(any(each.failure for each in outcomes))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
