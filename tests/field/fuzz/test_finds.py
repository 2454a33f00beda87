"""The batches find what they are there to find."""

from __future__ import annotations

import random

import pytest

from downloads.engine.core.errors import BadManifest, InternalError
from tests.field.fuzz.mutations import mutate
from tests.field.fuzz.readers import MANIFEST_ERRORS, Target
from tests.field.fuzz.reads import read


def _hang(data: bytes, _: random.Random) -> None:
    while True:
        pass


def _raises(error: Exception) -> Target:
    def fail(data: bytes, _: random.Random) -> None:
        raise error

    return Target(fail, (b"",), (), MANIFEST_ERRORS)


def test_a_hang() -> None:
    assert "processor time" in read(Target(_hang, (b"",), ()), b"", 1)


@pytest.mark.parametrize("error", [KeyError("x"), InternalError("x"), RecursionError("x")])
def test_a_surprise(error: Exception) -> None:
    assert type(error).__name__ in read(_raises(error), b"", 1)


def test_a_bad_input_is_none() -> None:
    assert read(_raises(BadManifest("x")), b"", 1) == ""


def test_the_same_seed_gives_the_same_input() -> None:
    first, again = (mutate(random.Random(7), b"#EXTM3U\n" * 9, (b"x",)) for _ in range(2))
    assert first == again
