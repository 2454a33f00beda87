"""The people of the pages' tests; a real Ferry where a page is looked at in a browser."""

from __future__ import annotations

from tests.support.shared_stack import stack
from tests.web.conftest import alice, as_alice, as_bob, as_charlie, bob, charlie, download

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
