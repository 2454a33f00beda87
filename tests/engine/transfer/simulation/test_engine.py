"""Whatever the network does and whenever it dies: exact bytes, and no byte by two owners.

In the suite a hundred lives (300 in its long form), the same ones each time (but for the order in
which a set is gone through). By hand as many as wanted, others each time, a failing one made as
small as can be::

    FERRY_SIMULATED_LIVES=20000 python -m pytest --timeout 0 -p no:logging \\
        tests/engine/transfer/simulation
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from downloads.engine.transfer.ramp import Measurement, Ramp
from tests.engine.transfer.simulation.network import DELIVERIES, FAILURES, STATUSES, Answer
from tests.engine.transfer.simulation.world import FileRun, Script, live
from tests.support.length import figure

LIVES = int(os.environ.get("FERRY_SIMULATED_LIVES", "0"))
thorough = settings(
    max_examples=LIVES or figure(100, 300),
    derandomize=not LIVES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

USUAL = ("well", "well", "cut", "short body", "silent", "short range", "reset", "500")


def answers(usual: tuple[str, ...]) -> st.SearchStrategy[tuple[Answer, ...]]:
    """Return the answers of a life, most of them of these kinds."""
    one = st.builds(
        Answer,
        kind=st.sampled_from((*usual * 4, *DELIVERIES, *FAILURES, *STATUSES)),
        after=st.integers(0, 3000),
        delay=st.sampled_from((0.0, 0.0, 0.0, 0.05, 0.4, 1.5)),
    )
    return st.lists(one, min_size=6, max_size=30).map(tuple)


kills = st.lists(st.integers(1, 1500), max_size=4).map(tuple)
sizes = st.one_of(st.integers(0, 300), st.integers(3000, 20_000), st.integers(3000, 20_000))
scripts = st.builds(
    Script,
    seed=st.integers(0, 2**32),
    size=sizes,
    answers=answers(USUAL),
    kills=kills,
    connections=st.integers(1, 8),
    initial=st.sampled_from((1, 4, 8)),
    part_size=st.sampled_from((None, None, 256, 1000)),
    rate=st.sampled_from((None, None, 40_000)),
    line=st.sampled_from((None, None, None, 6000)),
    lacks=st.sampled_from(("", "", "", "", "", "", "ranges", "validators", "length")),
)


@given(script=scripts)
@thorough
@pytest.mark.slow
def test_the_bytes_are_exact(script: Script) -> None:
    assert is_exact(live(script))


@pytest.mark.parametrize("seed", range(10))
def test_connections_that_are_too_many_end_soon(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first takes over what they leave, and what they have brought is not fetched again."""

    def observe(ramp: Ramp, _: Measurement) -> Ramp:
        if ramp.allowed == 1:
            return replace(ramp, allowed=8)
        return replace(ramp, allowed=1, surplus=8, settled=True)

    monkeypatch.setattr(Ramp, "observe", observe)
    life = live(Script(seed, 60_000, connections=8, line=20_000))
    assert is_exact(life)
    counts = [report.connections for report in life.reports]
    assert max(counts) == 8
    assert max(counts[len(counts) // 2 :]) == 1
    assert len(life.site.asked) <= 3 * 8, "one for each, and one or two for each gap"


def is_exact(life: FileRun) -> bool:
    """All of one version, of the one that the outcome names."""
    assert life.outcome is not None
    stored = bytes(life.disk.durable[: life.outcome.size])
    return stored in life.site.served(life.outcome.validators.etag)
