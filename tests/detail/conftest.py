"""The people of the pages' tests; a real Ferry where a page is looked at in a browser."""

from __future__ import annotations

from tests.pages.conftest import alice, as_alice, as_bob, as_charlie, bob, charlie, download
from tests.stack.shared import stack

__all__ = [
    "alice",
    "as_alice",
    "as_bob",
    "as_charlie",
    "bob",
    "charlie",
    "download",
    "stack",
]
