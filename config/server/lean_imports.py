"""Libraries of the web process, loaded without the optional packages that it never uses."""

from __future__ import annotations

from django.db import connection

from downloads.engine.core.optional_packages import not_loading


def load_rest_framework() -> None:
    """Load it before the pages do, 10 MiB lighter: without Pygments (for its browsable API),
    requests and Jinja2 (for its and Django's test clients), and psycopg if the database is
    another."""
    unused = ["pygments", "requests", "jinja2"]
    if connection.vendor != "postgresql":
        unused.append("django.contrib.postgres")
    with not_loading(*unused):
        import django.test.utils  # noqa: F401
        import rest_framework.compat  # noqa: F401
