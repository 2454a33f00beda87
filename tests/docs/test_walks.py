"""The walks of docs/architecture.md, walked: each function is called, in their order."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.db import connections

from downloads import tasks
from downloads.engine.transfer import reactor
from downloads.events import publisher
from downloads.realtime.routing import websocket
from downloads.services import realtime_ticket
from tests.docs import walks
from tests.docs.tracing import Step, Trace, calls, not_in_order
from tests.jobs.conftest import films, media, origin, streaming
from tests.support.content import MIB, content
from tests.support.ledger import ask, person
from tests.support.origin import Origin
from tests.support.streaming.media import Media
from tests.support.streaming.origin import StreamingOrigin

__all__ = ["films", "media", "origin", "streaming"]

pytestmark = pytest.mark.django_db(transaction=True)

MOST_HOPS = 15


@pytest.fixture(autouse=True)
def _threads_are_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that outlive a job would have been started before."""
    monkeypatch.setattr(reactor, "_shared", None)
    monkeypatch.setattr(publisher, "_publisher", publisher.Publisher())


@pytest.fixture
def film_calls(media: Media, films: StreamingOrigin) -> list[Step]:
    ask(person("alice"), films.url(media.hls_separate()))
    with calls() as called:
        tasks.run_next()
    return called.steps


def test_from_post_to_the_row(client: Any, origin: Origin) -> None:
    client.force_login(person("alice"))
    with calls() as called:
        answer = client.post(
            "/api/v1/downloads/", {"url": origin.url("/a.mp4")}, content_type="application/json"
        )
    assert answer.status_code == 201
    assert not_in_order(walks.steps(walks.POST), called.steps) is None


def test_a_file(origin: Origin) -> None:
    origin.serve("/a.mp4", content(8 * MIB))
    ask(person("alice"), origin.url("/a.mp4"))
    with calls() as called:
        tasks.run_next()
    assert not_in_order(walks.steps(walks.RESOLVE), called.steps) is None
    assert not_in_order(walks.steps(walks.FILE), called.steps) is None


@pytest.mark.parametrize("walk", [walks.STREAMS, walks.FILM])
def test_a_film(film_calls: list[Step], walk: str) -> None:
    assert not_in_order(walks.steps(walk), film_calls) is None


@pytest.mark.processes
def test_progress(origin: Origin) -> None:
    origin.serve("/a.mp4", content(8 * MIB), rate=8 * MIB)
    alice = person("alice")
    path = f"/ws/downloads/?ticket={realtime_ticket(alice)}"
    hops = walks.hops()
    assert len(hops) <= MOST_HOPS
    # up to what the test's own server gets
    walked = [hop for hop in hops if hop.step.file.startswith("downloads/")]
    names = [name for hop in walked for name in (hop.step.name, *hop.within)]
    with calls(stacks_of=names) as called:
        ask(alice, origin.url("/a.mp4"))  # its event starts the publisher's thread
        told = asyncio.run(_told(path))
    assert "download:progress" in told
    assert not_in_order([hop.step for hop in walked], called.steps) is None
    for before, hop in pairwise(walked):
        assert leads_to(called, before, hop), f"{before.step} does not lead to {hop.step} at once"
    for hop in walked:
        assert {name for name in hop.within if not is_within(called, name, hop)} == set()


def leads_to(called: Trace, before: walks.Hop, hop: walks.Hop) -> bool:
    """By a call, with none of our functions between, or into another flow of control."""
    if hop.is_handed_over:
        flows_before = {call.flow for call in called.stacks if call.step == before.step}
        flows = {call.flow for call in called.stacks if call.step == hop.step}
        return bool(flows) and not flows & flows_before
    return any(
        call.callers[:1] == (before.step,) for call in called.stacks if call.step == hop.step
    )


def is_within(called: Trace, name: str, hop: walks.Hop) -> bool:
    return any(call.step[1] == name and hop.step in call.callers for call in called.stacks)


async def _told(path: str) -> list[str]:
    """The events of a socket while a worker fetches."""
    page = WebsocketCommunicator(websocket, path)
    opened, _ = await page.connect(timeout=20)
    assert opened
    work = asyncio.create_task(asyncio.to_thread(_work))
    told: list[str] = []
    while "download:completed" not in told:
        told.append((await page.receive_json_from(timeout=20))["event"])
    await work
    await page.disconnect()
    return told


def _work() -> None:
    try:
        tasks.run_next()
    finally:
        connections.close_all()
