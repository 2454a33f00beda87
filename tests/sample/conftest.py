from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from downloads.sample import catalogue, clip, ladder
from downloads.sample.making import folder

VIDEO = b"moving pictures" * 1000
PICTURE = b"one of them"
PIECE = b"a few seconds of it" * 10


@pytest.fixture
def home() -> Iterator[Path]:
    """Files as the samples' are named; what is in them does not matter."""
    home = catalogue.home()
    for recipe in (clip.CLIP, ladder.LADDER):
        where = folder(home, recipe)
        where.mkdir(parents=True)
        for name in recipe.files:
            (where / name).write_bytes(PIECE)
    (folder(home, clip.CLIP) / clip.VIDEO).write_bytes(VIDEO)
    (folder(home, clip.CLIP) / clip.PICTURE).write_bytes(PICTURE)
    yield home
    shutil.rmtree(home)
