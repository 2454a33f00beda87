from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.support.ledger import person

PASSWORD = "correct horse"


@pytest.fixture
def alice(db: None) -> Any:
    return person("alice")


@pytest.fixture
def as_alice(alice: Any) -> Client:
    client = Client()
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client
