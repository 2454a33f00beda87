"""The web process before it serves."""

from __future__ import annotations

import gc

import pytest

from config.asgi import prepare


def test_garbage_is_collected_once_all_is_loaded() -> None:
    """The settings turn it off for the start of each process."""
    assert gc.isenabled()


@pytest.mark.django_db
def test_what_is_loaded_at_the_start_is_not_collected_again() -> None:
    """Else each full collection holds all requests up for a tenth of a second."""
    try:
        prepare()
        assert gc.get_freeze_count() > 10_000
        assert len(gc.get_objects()) < 10_000
    finally:
        gc.unfreeze()
