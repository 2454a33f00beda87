"""A running Ferry takes a newer yt-dlp between two downloads, and leaves it again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib import metadata

import pytest
import requests

from downloads.engine.resolver.ytdlp.releases.index import Index
from downloads.engine.resolver.ytdlp.releases.record import Record
from downloads.engine.resolver.ytdlp.releases.store import ReleaseStore
from downloads.engine.resolver.ytdlp.releases.update import Updater
from downloads.engine.resolver.ytdlp.releases.watch import outcomes
from tests.engine.resolver.ytdlp.releases.wheels import WheelIndex, wheel
from tests.support.answers import page
from tests.support.content import content
from tests.support.origin import Origin
from tests.support.shared_stack import stack
from tests.support.stack import Stack, until

__all__ = ["stack"]
pytestmark = pytest.mark.stack
NEWER = "2099.1.2"


@pytest.fixture
def store(stack: Stack) -> Iterator[ReleaseStore]:
    store = ReleaseStore(stack.data_dir / "ytdlp")
    yield store
    store.change(lambda _: Record())
    shutil.rmtree(store.folder)


def version(stack: Stack) -> str:
    told = requests.get(f"{stack.url}/readyz", timeout=30).json()
    return str(told["checks"]["extractor"]["version"])


def test_the_next_link_is_read_by_it(stack: Stack, store: ReleaseStore, origin: Origin) -> None:
    data = content(100_000)
    origin.serve("/film.mp4", data)
    for name in ("/before", "/after"):
        origin.answers[name] = page(f'<title>{name}</title><video src="film.mp4"></video>')
    alice = stack.person("alice")
    assert version(stack) == metadata.version("yt-dlp")
    alice.wait_for(alice.ask(origin.url("/before"))["id"], "completed")

    with WheelIndex() as index:
        index.only(NEWER, wheel("yt-dlp", NEWER, whole=True))
        index_of_ours = Index(index.simple)
        Updater(store, index_of_ours, self_test=lambda folder, version: None).update()
    until(lambda: version(stack) == NEWER)
    done = alice.wait_for(alice.ask(origin.url("/after"))["id"], "completed")
    assert done["size"] == len(data)
    counted = outcomes(store).of(NEWER)
    assert sum(tally.good for tally in counted.values()) >= 1

    Updater(store, index_of_ours).rollback()
    until(lambda: version(stack) == metadata.version("yt-dlp"))
