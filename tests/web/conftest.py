"""Alice owns, Bob is a stranger, Charlie is staff; each signed in with a session."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from downloads.models import Download
from tests.support.ledger import ask, person
from tests.support.people import alice, bob

__all__ = ["alice", "bob"]


def signed_in(user: Any) -> Client:
    client = Client(enforce_csrf_checks=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def charlie(db: None) -> Any:
    return person("charlie", is_staff=True, is_superuser=True)


@pytest.fixture
def as_alice(alice: Any) -> Client:
    return signed_in(alice)


@pytest.fixture
def as_bob(bob: Any) -> Client:
    return signed_in(bob)


@pytest.fixture
def as_charlie(charlie: Any) -> Client:
    return signed_in(charlie)


@pytest.fixture
def download(alice: Any) -> Download:
    """Alice's, queued."""
    return ask(alice)
