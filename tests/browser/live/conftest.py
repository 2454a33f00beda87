"""One stack and one Chromium for all of these: the real thing, as people have it before them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.live.dashboard import Dashboard, DashboardUser
from tests.support.browser import chromium
from tests.support.shared_stack import stack
from tests.support.stack import PASSWORD, Stack

__all__ = ["stack"]

Open = Callable[..., Dashboard]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.stack)
            item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def people(shared_stack: Stack) -> Iterator[str]:
    """Names of new users: each test begins with an empty list."""
    names = [f"person-{number}" for number in range(80)]
    shared_stack.shell(
        "from django.contrib.auth.hashers import PBKDF2PasswordHasher as Hasher;"
        f"from accounts.models import User; password = Hasher().encode({PASSWORD!r}, 'salt', 1);"
        f"User.objects.bulk_create(User(username=name, password=password, max_active=50)"
        f" for name in {names!r})",
    )
    return iter(names)


@pytest.fixture
def alice(stack: Stack, people: Iterator[str]) -> DashboardUser:
    return DashboardUser(stack, next(people))


@pytest.fixture
def bob(stack: Stack, people: Iterator[str]) -> DashboardUser:
    return DashboardUser(stack, next(people))


@pytest.fixture
def dashboard(stack: Stack, browser: Any) -> Iterator[Open]:
    """Signed in, at the list: ``dashboard(alice)``, ``dashboard(alice, width=360)``."""
    opened: list[Dashboard] = []

    def open_dashboard(person: DashboardUser, *, width: int = 1280, **options: Any) -> Dashboard:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        opened.append(Dashboard(context, stack.url))
        opened[-1].enter_as(person)
        return opened[-1]

    yield open_dashboard
    for one in opened:
        one.page.context.close()
