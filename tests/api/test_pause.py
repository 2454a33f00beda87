"""Pause: from queued and running."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api import verbs


@pytest.mark.parametrize("state", ["queued", "running"])
def test_pause_is_allowed(as_alice: Any, download: Any, state: str) -> None:
    verbs.allows(as_alice, download, "pause", state=state, then="paused")


@pytest.mark.parametrize("state", ["completed", "failed", "cancelled", "expired"])
def test_pause_is_refused(as_alice: Any, download: Any, state: str) -> None:
    verbs.refuses(as_alice, download, "pause", state=state)


def test_a_stranger_finds_nothing(as_bob: Any, download: Any) -> None:
    verbs.is_not_for(as_bob, download, "pause")
