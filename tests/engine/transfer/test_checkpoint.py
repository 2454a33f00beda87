from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.media import Validators
from downloads.engine.transfer.checkpoint import Checkpoint, FileCheckpointStore

SOUND = Checkpoint(
    Validators('"v1"', None, 100), 100, (ByteRange(0, 10), ByteRange(20, 30)), "g1.part", 1
)
texts = st.text(max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def test_it_comes_back_as_it_was() -> None:
    assert Checkpoint.from_dict(json.loads(json.dumps(SOUND.to_dict()))) == SOUND


@given(st.sampled_from(sorted(SOUND.to_dict())), json_values)
def test_whatever_is_in_it_reading_gives_a_sound_one_or_none(field: str, value: object) -> None:
    found = Checkpoint.from_dict({**SOUND.to_dict(), field: value})
    if found is not None:
        assert all(r.size > 0 and r.end <= (found.total or r.end) for r in found.ranges)
        assert "/" not in found.part


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", 2),
        ("ranges", [[0, 10], [5, 30]]),
        ("ranges", [[20, 30], [0, 10]]),
        ("ranges", [[0, 101]]),
        ("ranges", [[-1, 5]]),
        ("ranges", [[0, True]]),
        ("ranges", "all"),
        ("part", "../g1.part"),
        ("part", ".."),
        ("complete", True),
        ("total", -1),
    ],
)
def test_an_unsound_one_is_none(field: str, value: object) -> None:
    assert Checkpoint.from_dict({**SOUND.to_dict(), field: value}) is None


@pytest.mark.parametrize("data", [b"", b"{", b"null", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_a_corrupt_file_is_none(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(data)
    assert FileCheckpointStore(path).load() is None


def test_the_file_is_replaced_whole_and_belongs_to_its_key(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    store = FileCheckpointStore(path, "one")
    assert store.load() is None
    store.save(Checkpoint())
    inode = path.stat().st_ino
    store.save(SOUND)
    assert store.load() == SOUND
    assert path.stat().st_ino != inode
    assert [entry.name for entry in tmp_path.iterdir()] == ["c.json"]
    assert FileCheckpointStore(path, "other").load() is None
    store.remove()
    assert store.load() is None
