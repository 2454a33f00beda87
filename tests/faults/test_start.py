"""A rotation of the key that is killed half way, and repeated (others: tests/config)."""

from __future__ import annotations

import pytest

from tests.faults.rounds.classes.start import rotation_killed

pytestmark = [pytest.mark.stack, pytest.mark.timeout(180)]


def test_a_rotation_killed_half_way_is_repeated() -> None:
    rotation_killed(None, "")  # type: ignore[arg-type]
