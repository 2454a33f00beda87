"""Two browsers of one user stay in step; another user sees nothing of it."""

from __future__ import annotations

import pytest

from tests.live.conftest import Open
from tests.live.dashboard import Somebody
from tests.transfer.origin import MIB, Origin, content

WITHIN = 2000  # ms; a tenth of a second on a quiet machine


@pytest.fixture
def slow(origin: Origin) -> str:
    origin.serve("/slow.mp4", content(8 * MIB), rate=MIB // 8)
    return origin.url("/slow.mp4")


def test_what_one_does_the_other_shows(dashboard: Open, alice: Somebody, slow: str) -> None:
    one, other = dashboard(alice), dashboard(alice, width=360)
    one.ask(slow)
    other.row("slow").get_by_text("Downloading").wait_for()
    other.tab("Active", 1).wait_for()
    for button, state in (("Pause", "Paused"), ("Resume", "Downloading")):
        one.row("slow").get_by_role("button", name=button, exact=True).click()
        other.row("slow").get_by_text(state).wait_for(timeout=WITHIN * 2)

    one.row("slow").get_by_role("button", name="Cancel", exact=True).click()

    other.tab("Failed", 1).wait_for(timeout=WITHIN)
    assert other.rows.count() == 0
    assert one.complaints == other.complaints == []


def test_somebody_else_sees_nothing(
    dashboard: Open, alice: Somebody, bob: Somebody, slow: str
) -> None:
    theirs = dashboard(bob)
    mine = dashboard(alice)
    mine.ask(slow)
    mine.wait_for_progress("slow", 1)

    assert theirs.rows.count() == 0
    assert theirs.tab("Active", 0).is_visible()
    assert theirs.complaints == []
