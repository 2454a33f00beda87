"""A look at the ledger for work that is due, cheap enough for every second of an idle machine."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Value
from django.db.models.functions import Now

from downloads.jobs import prober
from downloads.models import QueueEntry
from downloads.webhooks import claim


class DueWork:
    """One statement, put together once: the ORM takes milliseconds to write what these questions
    take microseconds to answer."""

    def __init__(self) -> None:
        self._sql = ""
        self._parameters: tuple[Any, ...] = ()

    def exists(self) -> bool:
        """Return True if a rendition, a probe or a webhook's message waits for nothing but a
        worker; also if a limit of users or hosts still holds it back. Raises DatabaseError."""
        if not self._sql:
            self._sql, self._parameters = _statement()
        with connection.cursor() as cursor:
            cursor.execute(self._sql, self._parameters)
            return bool(cursor.fetchone()[0])


def _statement() -> tuple[str, tuple[Any, ...]]:
    waiting = (
        QueueEntry.objects.filter(ready=True),
        QueueEntry.objects.filter(ready=False, due_at__lte=Now()),
        prober.waiting(),
        claim.due(),
    )
    compiled = [
        rows.order_by().values_list(Value(1))[:1].query.sql_with_params() for rows in waiting
    ]
    sql = " OR ".join(f"EXISTS ({sql})" for sql, _ in compiled)
    return f"SELECT {sql}", tuple(each for _, parameters in compiled for each in parameters)
