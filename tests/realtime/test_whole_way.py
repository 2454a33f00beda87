"""From a pasted URL to a page that saw it all, over the processes that people run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from websockets.sync.client import connect

from tests.support.content import MIB, content
from tests.support.origin import Origin
from tests.support.shared_stack import stack  # noqa: F401 - fixtures
from tests.support.stack import Person, Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]


@pytest.fixture
def alice(stack: Stack) -> Person:  # noqa: F811
    return stack.person("alice")


@pytest.fixture(autouse=True)
def _committed() -> None:
    """The stack has a database of its own."""


def events(stack: Stack, person: Person) -> Iterator[dict[str, Any]]:  # noqa: F811
    ticket = person.post("realtime/ticket/").json()["ticket"]
    with connect(f"ws://127.0.0.1:{stack.port}/ws/downloads/?ticket={ticket}") as socket:
        while True:
            yield json.loads(socket.recv(60))


def told_until(end: str, heard: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    told = []
    for event in heard:
        told.append(event)
        if event["event"] == end:
            return told
    raise AssertionError(f"no {end}")


def test_a_page_sees_a_download_from_queued_to_completed(
    stack: Stack,  # noqa: F811
    alice: Person,
    origin: Origin,
) -> None:
    data = content(12 * MIB)
    origin.serve("/film.mp4", data, rate=MIB)
    heard = events(stack, alice)
    assert next(heard)["event"] == "download:snapshot"
    asked = alice.ask(origin.url("/film.mp4"))

    told = told_until("download:completed", heard)

    of_it = [event for event in told if event["data"].get("downloadId") == asked["id"]]
    names = [event["event"] for event in of_it]
    # A worker that is quick may tell its start before the web process tells the request: then that
    # is older than what is known, and dropped.
    assert names[: names.index("download:started")] in ([], ["download:queued"])
    assert "download:updated" in names
    assert names.count("download:progress") >= 2
    assert "content:resolved" in [event["event"] for event in told]
    assert all(later["seq"] > earlier["seq"] for earlier, later in pairwise(of_it))
    shown = [e["data"]["progress"] for e in of_it if e["event"] == "download:progress"]
    assert shown == sorted(shown)
    done = alice.download(asked["id"])
    assert of_it[-1]["seq"] == done["seq"]
    assert of_it[-1]["data"]["download"] == done
    assert of_it[-1]["data"]["size"] == len(data)


def test_a_pasted_url_is_told_once_it_is_probed(
    stack: Stack,  # noqa: F811
    alice: Person,
    origin: Origin,
) -> None:
    origin.serve("/probe.mp4", content(MIB))
    heard = events(stack, alice)
    next(heard)
    pasted = alice.post("content/", url=origin.url("/probe.mp4")).json()
    resolved = told_until("content:resolved", heard)[-1]
    assert resolved["data"]["contentId"] == pasted["id"]
    assert resolved["data"]["content"]["probeStatus"] == "ready"
    assert resolved["data"]["content"] == alice.get(f"content/{pasted['id']}/").json()
