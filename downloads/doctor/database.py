"""The ledger: whether it answers, as which version, and whether it is of this code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.apps import apps
from django.db import DatabaseError, NotSupportedError, connection

from downloads.doctor.finding import Finding, fail, ok, warn
from downloads.queue.database_limits import database_limits, limits_warning
from downloads.queue.schema import OURS, SchemaState, schema_state
from downloads.search import index

MIGRATE: Final = "Run: manage.py migrate"


def probe() -> Iterator[Finding]:
    try:
        connection.ensure_connection()
        version = ".".join(map(str, connection.get_database_version()))
        yield ok("database", f"{connection.display_name} {version} answers.")
        yield from _write_rules()
        state = schema_state()
        yield from _schema(state)
        if not state.pending:
            yield from _columns()
            yield from _search()
        if limits := limits_warning(database_limits()):
            yield warn("database_limits", limits, "Leave them out, and Ferry's own limits hold.")
    except NotSupportedError as error:
        yield fail("database", str(error), "Upgrade the database server.")
    except DatabaseError as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        yield fail(
            "database",
            f"The database cannot be used: {reason}",
            "Start it, or correct DATABASE_URL.",
        )


def _write_rules() -> Iterator[Finding]:
    """Yield what would make claims and leases mean something else than they should."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            (mode,) = cursor.execute("PRAGMA journal_mode").fetchone()
            if mode != "wal":
                yield fail(
                    "database_mode",
                    f"SQLite keeps no write-ahead log ({mode}): readers block writers.",
                    "Put DATA_DIR on a local disk, not on NFS or SMB.",
                )
            return
        cursor.execute("SELECT current_setting('transaction_isolation'), pg_is_in_recovery()")
        isolation, is_replica = cursor.fetchone()
    if is_replica:
        yield fail(
            "database_mode",
            "The database is a read-only replica.",
            "Let DATABASE_URL name its primary.",
        )
    if isolation != "read committed":
        yield fail(
            "database_isolation",
            f"Transactions are of level {isolation}: claims would fail.",
            "Set default_transaction_isolation of the role and database to read committed.",
        )


def _schema(state: SchemaState) -> Iterator[Finding]:
    if state.pending:
        yield fail(
            "migrations",
            f"The database is older than this code: {len(state.pending)} migrations are missing"
            f" ({state.pending[-1]}).",
            MIGRATE,
        )
    if state.unknown:
        yield warn(
            "migrations",
            f"The database is newer than this code ({state.unknown[-1]}).",
            "Upgrade this host too. Until then it works on: migrations only add.",
        )
    if not (state.pending or state.unknown):
        yield ok("migrations", "Every migration of this code is in the database.")


def _search() -> Iterator[Finding]:
    if lack := index.missing():
        yield warn("search_index", lack.text, lack.fix)


def _columns() -> Iterator[Finding]:
    """Yield columns that are missing although all migrations are there: those of a development
    version were rewritten once."""
    with connection.cursor() as cursor:
        for model in (model for app in OURS for model in apps.get_app_config(app).get_models()):
            table = model._meta.db_table
            # No introspection: on SQLite that begins a transaction, and waits for every writer.
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} LIMIT 0")  # noqa: S608
            found = {column[0] for column in cursor.description}
            if missing := {str(field.column) for field in model._meta.local_fields} - found:
                yield fail(
                    "database_columns",
                    f"The table {table} lacks {', '.join(sorted(missing))}: a version from before"
                    " the first release made it.",
                    "Set up an empty database; this one cannot be migrated.",
                )
