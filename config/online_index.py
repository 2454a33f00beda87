"""An index that is built beside writes, for migrations of tables that hold rows."""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations import AddIndex

_INVALID = (
    "SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid)"
)


class AddIndexOnline(AddIndex):
    """``AddIndex``, concurrently on PostgreSQL. Its migration has ``atomic = False``, and nothing
    else that must be undone with it.

    Repeated after a build that failed, it begins again: that leaves an index that is not used.
    """

    atomic = False

    def describe(self) -> str:
        return f"Build index {self.index.name} beside writes on model {self.model_name}"

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        name = schema_editor.quote_name(self.index.name)
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(_INVALID, [name])
            (is_invalid,) = cursor.fetchone()
        if is_invalid:
            schema_editor.execute(f"DROP INDEX CONCURRENTLY {name}")
        self._concurrently().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            self._concurrently().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            super().database_backwards(app_label, schema_editor, from_state, to_state)

    def _concurrently(self) -> AddIndex:
        # With psycopg: each process lists the migrations at its start, and not all have it loaded.
        from django.contrib.postgres.operations import AddIndexConcurrently

        return AddIndexConcurrently(self.model_name, self.index)
