"""The short form of ``make faults``: a round or two, drawn by the commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.rounds.plan import plan, seed_of_commit
from tests.faults.rounds.play import Outcome, play
from tests.faults.rounds.site import running_site
from tests.faults.rounds.table import p95, table
from tests.support.length import figure

SHORT = {"most": 2, "longest": 20.0}  # faults in a round, seconds by their estimates


@pytest.mark.stack
@pytest.mark.slow
@pytest.mark.timeout(400)
def test_rounds(tmp_path: Path) -> None:
    with running_site(tmp_path) as site:
        for drawn in plan(figure(1, 2), seed_of_commit(), site, **SHORT):  # type: ignore[arg-type]
            outcome = play(site, drawn)
            assert not outcome.failure, outcome


def test_the_table_counts_what_was_survived() -> None:
    outcomes = [
        Outcome("broker", ("a",), recoveries=[1.0, 2.0], again=2**20),
        Outcome("broker", ("b",), "it never ended", [3.0], leftovers=["a part"]),
    ]
    assert table(outcomes).splitlines()[2:] == [
        "| broker | 2 | 1 | 3.0 s | 1.0 MiB | 1 |",
        "| all | 2 | 1 | 3.0 s | 1.0 MiB | 1 |",
    ]


def test_p95_is_by_nearest_rank() -> None:
    assert p95([float(n) for n in range(1, 101)]) == 95.0
    assert (p95([7.0]), p95([])) == (7.0, 0.0)
