"""The clock of Ferry's host steps an hour, both ways, under a download: nothing expires by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.content import MIB, content, sha256
from tests.support.host_clock import LIBRARY, MISSING, HostClock
from tests.support.origin import Origin
from tests.support.stack import Stack, until

pytestmark = [
    pytest.mark.stack,
    pytest.mark.timeout(180),
    pytest.mark.skipif(LIBRARY is None, reason=MISSING),
]
HOUR = 3600  # seconds


def test_no_step_ends_a_lease(tmp_path: Path, database_url: str, origin: Origin) -> None:
    clock, data = HostClock(tmp_path / "clock"), content(14 * MIB)
    told = {**clock.variables, "FETCH_CONNECTIONS": "2"}
    with Stack(tmp_path / "data", database_url=database_url, **told) as stack:  # type: ignore[arg-type]
        alice = stack.person("alice")
        # 14 s: each of the three clocks is seen by a reaper, which looks every 5 s
        origin.serve("/film.mp4", data, rate=MIB // 2)
        pk = alice.ask(origin.url("/film.mp4"))["id"]
        for percent, step in ((5, HOUR), (45, -HOUR), (85, 0)):
            until(lambda percent=percent: alice.download(pk)["progress"] >= percent, 60)  # type: ignore[misc]
            clock.step_to(step)
        done = alice.wait_for(pk, "completed")
        assert (done["sha256"], done["attempts"]) == (sha256(data), 1)
        assert alice.timeline(pk) == ["requested", "started", "finalizing", "stored"]
