from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from downloads.sample import catalogue, clip

VIDEO = b"moving pictures" * 1000
PICTURE = b"one of them"


@pytest.fixture
def home() -> Iterator[Path]:
    """Files as the sample's are named; what is in them does not matter."""
    folder = clip.folder(catalogue.home())
    folder.mkdir(parents=True)
    (folder / clip.VIDEO).write_bytes(VIDEO)
    (folder / clip.PICTURE).write_bytes(PICTURE)
    yield catalogue.home()
    shutil.rmtree(catalogue.home())
