from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.database import own_database
from tests.support.shared_stack import stack

__all__ = ["stack"]


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    with own_database(migrated=True) as url:
        yield url
