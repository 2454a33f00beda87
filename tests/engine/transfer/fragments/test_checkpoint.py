"""The contents of a checkpoint, and texts that are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloads.engine.transfer.fragments.checkpoint import FragmentCheckpoint, Run, runs_of
from tests.engine.transfer.fragments.harness import file_store


@given(sizes=st.dictionaries(st.integers(0, 60), st.integers(0, 10**9)))
def test_it_survives_json(sizes: dict[int, int]) -> None:
    made = FragmentCheckpoint("k", 61, runs_of(sizes), 3)
    assert FragmentCheckpoint.from_dict(json.loads(json.dumps(made.to_dict()))) == made
    assert (made.done, made.fragments) == (sum(sizes.values()), len(sizes))


def test_twenty_thousand_fragments_make_a_short_one() -> None:
    made = FragmentCheckpoint("k", 20_000, runs_of(dict.fromkeys(range(20_000), 10**6)), 1)
    assert made.complete
    assert len(json.dumps(made.to_dict())) < 200


@pytest.mark.parametrize(
    "damage",
    [
        {"version": 9},
        {"runs": [[5, 3, 10]]},
        {"runs": [[0, 3, 10], [2, 4, 10]]},
        {"runs": [[0, 99, 10]]},
        {"runs": [[0, 1]]},
        {"runs": [[0, 1, -1]]},
        {"runs": "x"},
        {"key": 5},
        {"generation": True},
    ],
)
def test_what_is_damaged_is_none(damage: dict[str, object]) -> None:
    whole = FragmentCheckpoint("k", 10, (Run(0, 3, 10),), 1).to_dict()
    assert FragmentCheckpoint.from_dict(whole | damage) is None


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null"])
def test_a_damaged_file_is_none(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "checkpoint.json"
    path.write_bytes(text)
    store = file_store(path)
    assert store.load() is None
    store.save(FragmentCheckpoint("k", 1, (Run(0, 1, 5),), 1))
    assert file_store(path).load() == FragmentCheckpoint("k", 1, (Run(0, 1, 5),), 1)
