"""The short form of ``make faults``: a round or two, drawn by the commit; and clocks that step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.rounds.plan import plan, seed_of_commit
from tests.faults.rounds.play import Outcome, play
from tests.faults.rounds.site import Site, running_site
from tests.faults.rounds.table import p95, table
from tests.support.content import MIB, content, sha256
from tests.support.host_clock import LIBRARY, MISSING, HostClock
from tests.support.length import figure
from tests.support.origin import Origin
from tests.support.stack import Stack, until

SHORT = {"most": 2, "longest": 20.0}  # faults in a round, seconds by their estimates
HOUR = 3600  # seconds


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.mark.stack
@pytest.mark.slow
@pytest.mark.timeout(400)
def test_rounds(site: Site) -> None:
    for drawn in plan(figure(1, 2), seed_of_commit(), site, **SHORT):  # type: ignore[arg-type]
        outcome = play(site, drawn)
        assert not outcome.failure, outcome


@pytest.fixture
def stepped(site: Site, tmp_path: Path, database_url: str) -> Iterator[tuple[Stack, HostClock]]:
    """A Ferry with its clock, and a local storage: a bucket refuses what was signed an hour ago."""
    if site.server is None:
        assert site.clock is not None
        yield site.stack, site.clock
        return
    clock = HostClock(tmp_path / "clock")
    with Stack(tmp_path / "data", database_url=database_url, **clock.variables) as stack:  # type: ignore[arg-type]
        yield stack, clock


@pytest.mark.stack
@pytest.mark.timeout(180)
@pytest.mark.skipif(LIBRARY is None, reason=MISSING)
def test_no_step_of_the_clock_ends_a_lease(
    stepped: tuple[Stack, HostClock], origin: Origin
) -> None:
    """It steps an hour, both ways, under a download: nothing expires by it."""
    (stack, clock), data = stepped, content(14 * MIB, 3)
    alice = stack.person("alice")
    # 14 s: each of the three clocks is seen by a reaper, which looks every 5 s
    origin.serve("/stepped.mp4", data, rate=MIB // 2, most_connections=2)
    pk = alice.ask(origin.url("/stepped.mp4"))["id"]
    for percent, step in ((5, HOUR), (45, -HOUR), (85, 0)):
        until(lambda percent=percent: alice.download(pk)["progress"] >= percent, 60)  # type: ignore[misc]
        clock.step_to(step)
    done = alice.wait_for(pk, "completed")
    assert (done["sha256"], done["attempts"]) == (sha256(data), 1)
    assert alice.timeline(pk) == ["requested", "started", "finalizing", "stored"]


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
