"""An attempt that was given up may still write: into a file of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import Stopped
from downloads.engine.transfer.fragments.file import FragmentFile


def test_the_next_attempt_has_another_inode(tmp_path: Path) -> None:
    path = tmp_path / "000000"
    first = FragmentFile(path, StopToken())
    second = FragmentFile(path, StopToken())
    second.write(memoryview(b"right"))
    first.write(memoryview(b"late and wrong"))
    assert path.read_bytes() == b"right"


def test_closed_it_takes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "000000"
    file = FragmentFile(path, StopToken())
    file.close()
    with pytest.raises(Stopped):
        file.write(memoryview(b"late"))
    assert path.read_bytes() == b""
