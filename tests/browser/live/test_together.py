"""Two browsers of one user stay in step; another user sees nothing of it."""

from __future__ import annotations

import re

import pytest

from tests.browser.live.conftest import Open
from tests.browser.live.dashboard import DashboardUser
from tests.support.browser import expect
from tests.support.content import MIB, content
from tests.support.origin import Origin

POLL = re.compile(r"/api/v1/downloads/\?tab=")


@pytest.fixture
def slow(origin: Origin) -> str:
    origin.serve("/slow.mp4", content(8 * MIB), rate=MIB // 64)
    return origin.url("/slow.mp4")


def test_what_one_does_the_other_shows(dashboard: Open, alice: DashboardUser, slow: str) -> None:
    one, other = dashboard(alice), dashboard(alice, width=360)
    other.page.route(POLL, lambda route: route.abort())  # it is told, and need not ask
    one.ask(slow)
    other.row("slow").get_by_text("Downloading").wait_for()
    other.tab("Active", 1).wait_for()
    for button, state in (("Pause", "Paused"), ("Resume", "Downloading")):
        one.row("slow").get_by_role("button", name=button, exact=True).click()
        other.row("slow").get_by_text(state).wait_for()

    one.row("slow").get_by_role("button", name="Cancel", exact=True).click()

    other.tab("Failed", 1).wait_for()
    expect(other.rows).to_have_count(0)
    assert one.complaints == other.faults == []


def test_another_user_sees_nothing(
    dashboard: Open, alice: DashboardUser, bob: DashboardUser, slow: str
) -> None:
    theirs = dashboard(bob)
    mine = dashboard(alice)
    mine.ask(slow)
    mine.wait_for_progress("slow", 1)

    expect(theirs.rows).to_have_count(0)
    expect(theirs.tab("Active", 0)).to_be_visible()
    assert theirs.complaints == []
