"""The work of Django around each test, without what is the same each time."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from django.db import connections
from django.test import TransactionTestCase
from whitenoise.middleware import WhiteNoiseMiddleware

# Made by the migrations for the models, and changed by no test. Django's flush empties them too,
# and makes them again by a signal: most of its time.
KEPT = frozenset({"django_content_type", "auth_permission"})

_add_files = WhiteNoiseMiddleware.add_files_from_finders
_files: dict[str, dict[str, Any]] = {}  # by prefix


def install() -> None:
    """Take these two ways in place of Django's and WhiteNoise's."""
    TransactionTestCase._fixture_teardown = _empty_tables
    WhiteNoiseMiddleware.add_files_from_finders = _add_files_once


@cache
def _emptying(alias: str) -> list[str]:
    """Return a statement for each table. One that is empty costs nothing, unlike its TRUNCATE, and
    constraints are looked at when all are done."""
    connection = connections[alias]
    tables = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    quote = connection.ops.quote_name
    return [f"DELETE FROM {quote(table)};" for table in sorted(tables - KEPT)]


def _empty_tables(case: TransactionTestCase) -> None:
    for alias in case._databases_names(include_mirrors=False):
        connections[alias].ops.execute_sql_flush(_emptying(alias))


def _add_files_once(middleware: WhiteNoiseMiddleware) -> None:
    """Walk through the static files for the first client alone: each makes the middleware again."""
    prefix = middleware.static_prefix
    if prefix not in _files:
        _add_files(middleware)
        _files[prefix] = dict(middleware.files)
    middleware.files.update(_files[prefix])
