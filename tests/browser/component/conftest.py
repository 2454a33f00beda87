"""A real stack, a real Chromium, and a foreign page on another origin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.browser import Tab, chromium
from tests.support.shared_stack import stack
from tests.support.stack import Stack

__all__ = ["stack"]

Open = Callable[..., Tab]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture
def tab(browser: Any, stack: Stack) -> Iterator[Open]:
    """``tab(width, color_scheme="dark")``: signed in as the admin unless ``user`` is empty."""
    contexts = []

    def open_tab(width: int = 1280, user: str = "admin", **options: Any) -> Tab:
        viewport = {"width": width, "height": 800}
        contexts.append(browser.new_context(viewport=viewport, **options))
        opened = Tab(contexts[-1], stack.url)
        if user:
            opened.enter(stack.session(user))
        return opened

    yield open_tab
    for context in contexts:
        context.close()
