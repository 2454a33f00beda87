from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from downloads.sample import catalogue, clip, ladder
from downloads.sample.making import folder

VIDEO = (clip.FOLDER / clip.VIDEO).read_bytes()
PICTURE = (clip.FOLDER / clip.PICTURE).read_bytes()
PIECE = b"a few seconds of it" * 10


@pytest.fixture
def home() -> Iterator[Path]:
    """The ladder's files by name; what is in them does not matter."""
    home = catalogue.home()
    where = folder(home, ladder.LADDER)
    where.mkdir(parents=True)
    for name in ladder.LADDER.files:
        (where / name).write_bytes(PIECE)
    yield home
    shutil.rmtree(home)
