"""Alice owns, Bob is a stranger, Charlie is staff; each asks with a real token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from knox.models import AuthToken
from rest_framework.test import APIClient

from downloads.models import Download
from tests.support.ledger import ask, person
from tests.support.people import alice, bob

__all__ = ["alice", "bob"]

Login = Callable[[Any], APIClient]


def client_of(user: Any) -> APIClient:
    client = APIClient(raise_request_exception=False)
    _, token = AuthToken.objects.create(user)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


@pytest.fixture
def charlie(db: None) -> Any:
    return person("charlie", is_staff=True)


@pytest.fixture
def as_alice(alice: Any) -> APIClient:
    return client_of(alice)


@pytest.fixture
def as_bob(bob: Any) -> APIClient:
    return client_of(bob)


@pytest.fixture
def as_charlie(charlie: Any) -> APIClient:
    return client_of(charlie)


@pytest.fixture
def anyone(db: None) -> APIClient:
    return APIClient(raise_request_exception=False)


@pytest.fixture
def download(alice: Any) -> Download:
    """Alice's, queued."""
    return ask(alice)
