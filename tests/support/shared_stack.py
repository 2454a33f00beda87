"""One Ferry for all tests that need no other: started once in each test process.

A test finds nothing under way; it may kill what it likes, if that is running again at its end.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.answers import page, respond
from tests.support.database import own_database
from tests.support.origin import Origin
from tests.support.stack import Stack


class Elsewhere(Origin):
    """One page of HTML on an origin of its own."""

    def __init__(self) -> None:
        super().__init__(handle=lambda _: respond(status="204 No Content", length=False))

    def show(self, html: str) -> None:
        self.answers["/"] = page(html)


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[Elsewhere]:
    """A page of another site, that may use this Ferry."""
    with Elsewhere() as site:
        yield site


@pytest.fixture(scope="session")
def shared_stack(tmp_path_factory: pytest.TempPathFactory, elsewhere: Elsewhere) -> Iterator[Stack]:
    told = {
        "CORS_ALLOWED_ORIGINS": elsewhere.url(""),
        "FETCH_HOST_CONCURRENCY": "32",
        "WORKER_CONCURRENCY": "16",
    }
    with own_database(migrated=True) as url:
        folder = tmp_path_factory.mktemp("shared-stack")
        with Stack(folder, database_url=url, **told) as running:
            yield running


# The others are imported by the packages that want them.


@pytest.fixture
def stack(shared_stack: Stack) -> Iterator[Stack]:
    yield shared_stack
    shared_stack.calm_down()
