from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from downloads.engine.resolver.ytdlp.releases.index import Index
from downloads.engine.resolver.ytdlp.releases.store import ReleaseStore
from downloads.engine.resolver.ytdlp.releases.update import Updater
from tests.engine.resolver.ytdlp.releases.wheels import WheelIndex


@pytest.fixture(scope="session")
def index() -> Iterator[WheelIndex]:
    with WheelIndex() as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path / "ytdlp")


@pytest.fixture
def updater(store: ReleaseStore, index: WheelIndex) -> Updater:
    """As the command and the schedule make one: with its real self-test."""
    return Updater(store, Index(index.simple))


@pytest.fixture
def untested(store: ReleaseStore, index: WheelIndex) -> Updater:
    """Takes what comes: for what happens after."""
    return Updater(store, Index(index.simple), self_test=lambda folder, version: None)
