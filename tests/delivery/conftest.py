from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings


@pytest.fixture
def media(settings: Settings, tmp_path: Path) -> Path:
    """A local storage of this test's own, and the URLs of tests/delivery/urls.py."""
    root = tmp_path / "media"
    root.mkdir()
    settings.ROOT_URLCONF = "tests.delivery.urls"
    settings.STORAGE_PATH = root
    settings.STORAGES = {
        **settings.STORAGES,
        "media": {
            "BACKEND": "downloads.storage.local.LocalMediaStorage",
            "OPTIONS": {"location": str(root), "base_url": None},
        },
    }
    return root
