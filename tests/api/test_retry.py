"""Retry: from failed, cancelled and expired."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api import verbs
from tests.api.arrange import address, bring_to, code
from tests.support.ledger import ask


@pytest.mark.parametrize("state", ["failed", "cancelled", "expired"])
def test_retry_is_allowed(as_alice: Any, download: Any, state: str) -> None:
    verbs.allows(as_alice, download, "retry", state=state, then="queued")


@pytest.mark.parametrize("state", ["paused", "completed"])
def test_retry_is_refused(as_alice: Any, download: Any, state: str) -> None:
    verbs.refuses(as_alice, download, "retry", state=state)


def test_a_stranger_finds_nothing(as_bob: Any, download: Any) -> None:
    verbs.is_not_for(as_bob, download, "retry")


def test_retry_of_the_old_one_beside_a_newer(as_alice: Any, alice: Any, download: Any) -> None:
    bring_to(download, "cancelled")
    newer = ask(alice, download.content.source_url)
    assert newer.pk != download.pk
    assert code(as_alice.post(address(download, "retry"))) == (409, "invalid_state")
