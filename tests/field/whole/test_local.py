"""Each kind once, in the short form some: POST, worker, a file in the storage, delivery."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.field.support.clips import Clips
from tests.field.support.product import Batch, first_form, kinds, requested
from tests.support.length import some
from tests.support.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

KINDS = dict(some(kinds().items(), 24))


@pytest.fixture(scope="module")
def batch(shared_stack: Stack, clips: Clips) -> Iterator[Batch]:
    with requested(shared_stack.person("field"), KINDS, clips) as running:
        yield running
    shared_stack.calm_down()


@pytest.mark.parametrize("kind", KINDS)
def test_kind(batch: Batch, clips: Clips, tmp_path: Path, kind: str) -> None:
    first_form(KINDS[kind]).expected.check(batch.outcome(kind, tmp_path), clips)
