from __future__ import annotations

import pytest
from django.db.migrations.recorder import MigrationRecorder

from downloads.queue.schema import SchemaState, compare, schema_state

KNOWN = {
    "downloads.0001_initial": frozenset[str](),
    "downloads.0002_more": frozenset[str](),
    "axes.0003_squashed": frozenset({"axes.0001", "axes.0002"}),
}


@pytest.mark.parametrize(
    ("applied", "pending", "unknown"),
    [
        ({*KNOWN}, (), ()),
        ({*KNOWN} - {"downloads.0002_more"}, ("downloads.0002_more",), ()),
        ({*KNOWN, "downloads.0003_later"}, (), ("downloads.0003_later",)),
        # packages drop what they squashed
        ({*KNOWN, "axes.0000"} - {"axes.0003_squashed"}, ("axes.0003_squashed",), ()),
        ({*KNOWN, "axes.0001", "axes.0002"} - {"axes.0003_squashed"}, (), ()),
        (set(), tuple(sorted(KNOWN)), ()),
    ],
)
def test_compare(applied: set[str], pending: tuple[str, ...], unknown: tuple[str, ...]) -> None:
    assert compare(applied, KNOWN) == SchemaState(pending, unknown)


@pytest.mark.django_db
def test_the_state_of_this_database() -> None:
    assert schema_state() == SchemaState((), ())
    MigrationRecorder.Migration.objects.create(app="downloads", name="9999_later")
    assert schema_state() == SchemaState((), ("downloads.9999_later",))
