"""Two users, as fixtures to import."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.ledger import person


@pytest.fixture
def alice(db: None) -> Any:
    return person("alice")


@pytest.fixture
def bob(db: None) -> Any:
    return person("bob")
