"""The migrations in the database against those of this code."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from config.prepared import PreparedValues

OURS: Final = ("accounts", "downloads")

Replaced = frozenset[str]


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Migrations by name, such as ``downloads.0001_initial``. ``pending``: of this code alone;
    ``unknown``: of Ferry's own, in the database alone, which newer code has migrated."""

    pending: tuple[str, ...]
    unknown: tuple[str, ...]


def schema_state() -> SchemaState:
    """Return the state, by one query. Raises DatabaseError."""
    return compare(applied_migrations(), known_migrations())


def compare(applied: Collection[str], known: Mapping[str, Replaced]) -> SchemaState:
    """Return the state of these migrations. Pure.

    A squashed one counts as applied once all that it replaces are.
    """
    pending = [
        name
        for name, replaced in known.items()
        if name not in applied and not (replaced and replaced <= set(applied))
    ]
    unknown = [name for name in applied if name.split(".")[0] in OURS and name not in known]
    return SchemaState(tuple(sorted(pending)), tuple(sorted(unknown)))


def applied_migrations() -> frozenset[str]:
    """Return the migrations in the database; none if it is empty. Raises DatabaseError."""
    if not _recorder.has_table():
        return frozenset()
    return frozenset(f"{app}.{name}" for app, name in _applied())


_recorder: Final = MigrationRecorder(connection)  # it asks for the table until there is one
_applied: Final = PreparedValues(
    lambda: MigrationRecorder.Migration.objects.order_by().values_list("app", "name")
)


@cache
def known_migrations() -> Mapping[str, Replaced]:
    """Return the migrations of this code and its packages, each with those that it replaces."""
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    return {
        f"{app}.{name}": frozenset(f"{old}.{of}" for old, of in migration.replaces)
        for (app, name), migration in loader.disk_migrations.items()
    }
