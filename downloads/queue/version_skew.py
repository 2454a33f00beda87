"""Processes and a database of several versions, in words for operators."""

from __future__ import annotations

import logging
from collections.abc import Collection

from django.db import DatabaseError, connection

from config.start_error import StartError
from config.version import VERSION
from downloads import conf
from downloads.models import Worker
from downloads.queue.schema import SchemaState, schema_state

log = logging.getLogger(__name__)


def check_schema() -> None:
    """Raise StartError if the database is older than this code. To be called at a start.

    One that is newer is worked with: migrations only add, so that the version before goes on in a
    rolling upgrade, and after a rollback. Nothing is checked while the database is unavailable.
    """
    try:
        state = schema_state()
    except DatabaseError as error:
        log.warning("database unavailable, schema not checked error=%s", type(error).__name__)
        return
    finally:
        if not connection.in_atomic_block:
            connection.close()  # of the main thread, which asks nothing more
    if state.pending:
        raise StartError(
            f"The database is older than this Ferry {VERSION}: {len(state.pending)} migrations are"
            f" missing, the last {state.pending[-1]}. Run: manage.py migrate"
        )
    if state.unknown:
        log.warning("database newer than this code migration=%s", state.unknown[-1])


def schema_warning(state: SchemaState) -> str:
    """Return a sentence about a database that is not of this code; empty if it is. Pure."""
    if state.pending:
        return (
            f"The database is older than this Ferry {VERSION} ({state.pending[-1]} is missing):"
            " run manage.py migrate."
        )
    if state.unknown:
        return (
            f"The database is newer than this Ferry {VERSION} ({state.unknown[-1]}): upgrade this"
            " process too."
        )
    return ""


def worker_versions() -> frozenset[str]:
    """Return the versions of the live workers. Raises DatabaseError."""
    return frozenset(Worker.objects.alive(conf.LEASE).values_list("version", flat=True))


def workers_warning(versions: Collection[str]) -> str:
    """Return a sentence about workers of other versions than this process; empty without. Pure."""
    others = sorted(version or "an older version" for version in versions if version != VERSION)
    if not others:
        return ""
    return (
        f"Workers of {', '.join(others)} run beside this Ferry {VERSION}: upgrade every process of"
        " the older."
    )


def version_warning() -> str:
    """Return what is to be said about versions, in sentences; empty if all are one. Raises
    DatabaseError."""
    said = (schema_warning(schema_state()), workers_warning(worker_versions()))
    return " ".join(filter(None, said))
