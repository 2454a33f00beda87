"""Probing has a lane of its own: four endless downloads do not delay the qualities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.content import MIB, content
from tests.support.database import own_database
from tests.support.origin import Origin
from tests.support.stack import Stack, until

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One whose worker is soon full."""
    with own_database(migrated=True) as url:
        folder = tmp_path_factory.mktemp("small")
        with Stack(folder, database_url=url, WORKER_CONCURRENCY="4") as running:
            yield running


@pytest.fixture
def stack(small: Stack) -> Iterator[Stack]:
    yield small
    small.calm_down()


def test_a_full_worker_still_probes(stack: Stack, origin: Origin) -> None:
    alice = stack.person("alice")
    for at in range(4):
        endless: dict[str, Any] = {"endless": True, "no_length": True, "ranges": False}
        origin.serve(f"/endless-{at}", content(MIB), rate=20_000, **endless)
        alice.ask(origin.url(f"/endless-{at}"))
    until(lambda: alice.get("queue/").json()["active"] == 4)
    origin.serve("/wanted.mp4", content(MIB))
    origin.serve("/behind.mp4", content(MIB))

    asked = alice.post("content/", url=origin.url("/wanted.mp4"))
    assert asked.status_code == 201
    assert asked.json()["probeStatus"] in ("pending", "ready")  # the answer may come behind it
    pk = asked.json()["id"]

    def probed(pk: str) -> Any:
        found = alice.get(f"content/{pk}/").json()
        return found if found["probeStatus"] == "ready" else None

    found = until(lambda: probed(pk))
    assert [(one["quality"], one["size"]) for one in found["qualities"]] == [("auto", MIB)]
    # what waits for its turn behind them is looked at all the same
    behind = alice.ask(origin.url("/behind.mp4"))
    assert until(lambda: probed(behind["contentId"]), 20)["title"] == "behind"
    assert alice.download(behind["id"])["status"] == "queued"
    assert alice.get("queue/").json()["active"] == 4


def test_many_slow_probes_do_not_hold_downloads_up(stack: Stack, origin: Origin) -> None:
    alice, bob = stack.person("alice"), stack.person("bob")
    for number in range(30):
        origin.serve(f"/silent-{number}", content(MIB), silent_after=0, silences=9)
        (alice, bob)[number % 2].post("content/", url=origin.url(f"/silent-{number}"))
    until(lambda: origin.answering >= 4)
    origin.serve("/wanted.mp4", content(MIB))
    wanted = alice.ask(origin.url("/wanted.mp4"))
    alice.wait_for(wanted["id"], "completed", 15)
    until(lambda: origin.answering <= 4, 20)  # the film's are over, and no more are asked
