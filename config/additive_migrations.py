"""The rule of migrations: they only add, so that older processes work on meanwhile.

In a rolling upgrade the database is migrated first, while workers of the version before still run;
and that version is what a rollback starts again. ``python -m config.additive_migrations`` exits
with 1 and a line for each operation after an app's first migration that would break them, or hold
up writes of a large table on PostgreSQL. It reads operations, which are the same for both kinds
of database: linters of SQL see one kind, and need a server of it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any, Final

OURS: Final = ("accounts", "downloads")
FIRST: Final = "0001_initial"
# On a migration: why its RunPython or RunSQL harms no older process. Read by its reviewer.
REVIEWED: Final = "harmless_to_older_processes"

_ADDS: Final = {"CreateModel"}
_STATE_ONLY: Final = {"AlterModelOptions", "AlterModelManagers", "AlterModelTableComment"}
_CODE: Final = {"RunPython", "RunSQL", "SeparateDatabaseAndState"}
_REFUSED: Final = {
    "RemoveField": "an older process still reads and writes the column",
    "DeleteModel": "an older process still reads and writes the table",
    "RenameField": "an older process knows the column by its old name",
    "RenameModel": "an older process knows the table by its old name",
    "AlterModelTable": "an older process knows the table by its old name",
    "AddConstraint": "an older process may write what it refuses, and the table is locked to check",
    "RemoveConstraint": "an older process relies on it",
    "AddIndex": "writes wait while it is built: use config.online_index.AddIndexOnline",
    "AddIndexConcurrently": "SQLite knows none: use config.online_index.AddIndexOnline",
}


def complaints(migration: Any, before: Any) -> Iterator[str]:
    """Yield a sentence for each operation that is not additive.

    ``before``: the ProjectState that the migration starts from.
    """
    made = {each.name_lower for each in migration.operations if type(each).__name__ in _ADDS}
    state = before.clone()
    for operation in migration.operations:
        why = _why_not(operation, migration, state, made)
        operation.state_forwards(migration.app_label, state)
        if why:
            yield f"{migration.app_label}.{migration.name}: {operation.describe()}: {why}."


def _why_not(operation: Any, migration: Any, state: Any, made: set[str]) -> str:
    kind = type(operation).__name__
    model = str(getattr(operation, "model_name", "")).lower()
    if kind in _ADDS or kind in _STATE_ONLY or model in made:
        return ""
    if kind == "AddIndexOnline":
        return "" if not migration.atomic else "it needs atomic = False"
    if kind in _CODE:
        return "" if getattr(migration, REVIEWED, "") else f"say why it is harmless, as {REVIEWED}"
    if kind == "AddField":
        return _added(operation.field)
    if kind == "AlterField":
        fields = state.models[migration.app_label, model].fields
        return _altered(fields[operation.name], operation.field)
    return _REFUSED.get(kind, "it is not known to be additive")


def _added(field: Any) -> str:
    if field.many_to_many:
        return ""
    if not field.null and not field.has_db_default():
        return "an older process writes rows without it: give it a db_default, or null"
    if field.unique or field.db_index:
        return "writes wait while its index is built: add the index by itself"
    return ""


def _altered(old: Any, new: Any) -> str:
    """Return why the column's change is none that every older process would bear."""
    before, after = _stored(old), _stored(new)
    if before[0] != after[0]:
        return "the column's type changes under an older process"
    for name in {*before[1], *after[1]}:
        was, now = before[1].get(name), after[1].get(name)
        relaxed = name == "null" and now and not was
        longer = name == "max_length" and (now is None or (was is not None and now > was))
        defaulted = name == "db_default" and was is None
        if was != now and not (relaxed or longer or defaulted):
            return f"{name} changes under an older process"
    return ""


def _stored(field: Any) -> tuple[str, dict[str, Any]]:
    """Return the field's class, and its options that the database knows of."""
    _, path, _, options = field.deconstruct()
    ignored = (*field.non_db_attrs, "default")
    return path, {name: value for name, value in options.items() if name not in ignored}


def all_complaints() -> Iterator[str]:
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None)
    for app, name in sorted(loader.disk_migrations):
        if app in OURS and name != FIRST:
            before = loader.project_state((app, name), at_end=False)
            yield from complaints(loader.disk_migrations[app, name], before)


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    found = list(all_complaints())
    sys.stdout.write("".join(f"{each}\n" for each in found))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
