"""The page while the web process or Redis is away: honest about it, and soon right again."""

from __future__ import annotations

from itertools import pairwise

import pytest
import requests

from tests.browser.live.conftest import Open
from tests.browser.live.dashboard import DashboardUser
from tests.support.browser import expect
from tests.support.content import MIB, content
from tests.support.origin import Origin
from tests.support.stack import Stack, until

POLLS = "url => performance.getEntriesByName(url).map(({ startTime }) => startTime)"
RESTS = 5000  # ms; a page that polls asks once in that time, also on a busy machine


@pytest.fixture
def film(origin: Origin) -> str:
    origin.serve("/film.mp4", content(24 * MIB), rate=MIB // 32, hold_at=20 * MIB)
    return origin.url("/film.mp4")


def end(origin: Origin) -> None:
    """Let the film come to its end."""
    film = origin.files["/film.mp4"]
    film.rate = film.hold_at = None


def answers(stack: Stack) -> bool:
    try:
        return requests.get(f"{stack.url}/healthz", timeout=5).ok
    except requests.RequestException:
        return False


def test_the_web_process_dies_and_returns(
    dashboard: Open, stack: Stack, alice: DashboardUser, origin: Origin, film: str
) -> None:
    here = dashboard(alice)
    here.ask(film)
    here.wait_for_progress("film", 1)
    here.watch()
    stack.one("daphne").kill()

    until(lambda: here.state in ("Polling", "Reconnecting"))
    until(lambda: answers(stack), 60)
    # at most 3.4 s between two attempts, and a busy machine; who has given up waits for 20
    until(lambda: here.state == "Live")
    before = here.progress("film")
    here.wait_for_progress("film", before)
    end(origin)
    here.tab("Completed", 1).wait_for()
    here.bars_only_grew()
    assert here.faults == []


def test_what_ended_meanwhile_is_shown(
    dashboard: Open, stack: Stack, alice: DashboardUser, origin: Origin, film: str
) -> None:
    here = dashboard(alice)
    here.ask(film)
    here.wait_for_progress("film", 1)
    web = stack.one("daphne")
    web.suspend()  # longer than a restart takes: the worker goes on
    end(origin)
    until(lambda: origin.busy == 0)
    web.kill()

    here.tab("Completed", 1).wait_for(timeout=60_000)
    expect(here.rows).to_have_count(0)


def test_without_redis_the_bars_go_on(
    dashboard: Open, stack: Stack, alice: DashboardUser, origin: Origin, film: str
) -> None:
    here = dashboard(alice)
    here.ask(film)
    here.wait_for_progress("film", 1)
    here.watch()
    stack.hold_redis()
    try:
        until(lambda: here.state == "Polling", 20)
        before = here.progress("film")
        here.wait_for_progress("film", before)
        here.page.get_by_text("waiting for its broker").first.wait_for()
    finally:
        stack.release_redis()
    here.connected("Live", 30)
    here.bars_only_grew()
    assert here.faults == []


def test_where_no_socket_is_to_be_had_polls_do_it_all_and_then_rest(
    dashboard: Open, stack: Stack, alice: DashboardUser, origin: Origin
) -> None:
    file = origin.serve("/polled.mp4", content(4 * MIB), rate=MIB // 32, most_connections=2)
    here = dashboard(alice)
    here.page.route_web_socket("**/ws/**", lambda socket: socket.close())
    here.go("/")

    def asked() -> list[float]:
        """Return the times by the page's clock: ours stands still while we wait."""
        found: list[float] = here.page.evaluate(POLLS, f"{stack.url}/api/v1/downloads/?tab=active")
        return found

    here.connected("Polling")
    here.ask(origin.url("/polled.mp4"))
    here.row("polled").get_by_text("Downloading").wait_for()
    here.wait_for_progress("polled", 0)
    alice.post("downloads/", url=origin.url("/polled.mp4"))
    until(lambda: len(asked()) >= 4)
    file.rate = None
    here.tab("Completed", 1).wait_for()
    assert all(later - one > 2900 for one, later in pairwise(asked()[2:]))
    # nothing is active any more
    until(lambda: here.page.evaluate("performance.now()") - asked()[-1] > RESTS)
