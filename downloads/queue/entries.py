"""The line: who joins it, who leaves it, and who has waited long enough for another attempt.

Called by ``transitions``, in the transaction that moves the state.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, F, Q
from django.db.models.functions import Now

from downloads import conf
from downloads.models import Download, QueueEntry, Rendition
from downloads.querysets import WANTS, over

_READY: Final = ExpressionWrapper(
    over("rendition__next_attempt_at", "rendition__waits_since"), output_field=BooleanField()
)
_SUSPECT: Final = ExpressionWrapper(
    Q(rendition__reclaims__gte=conf.SOLO_FROM_RECLAIM), output_field=BooleanField()
)
_RENEWED: Final = (
    "rendition",
    "host",
    "lane",
    "priority",
    "queued_at",
    "suspect",
    "ready",
    "due_at",
    "waits_since",
)


def join(which: Q) -> None:
    """Put each of these downloads that is queued into the line, or renew its place."""
    rows = Download.objects.filter(which, WANTS, rendition__status="queued").order_by()
    found = rows.values(
        "rendition_id",
        "user_id",
        "priority",
        download_id=F("pk"),
        ready=_READY,
        suspect=_SUSPECT,
        host=F("rendition__host"),
        queued_at=F("rendition__queued_at"),
        due_at=F("rendition__next_attempt_at"),
        waits_since=F("rendition__waits_since"),
    )
    QueueEntry.objects.bulk_create(
        (QueueEntry(**row, lane=f"{row['user_id']} {row['host']}") for row in found),
        batch_size=200,
        update_conflicts=True,
        unique_fields=["download"],
        update_fields=_RENEWED,
    )


_ID: Final = Rendition._meta.pk
# In the order of the users: two claims of shared renditions wait for each other in one order.
_TURN: Final = """
INSERT INTO downloads_lastturn (user_id, number)
SELECT DISTINCT user_id, (SELECT COALESCE(MAX(number), 0) + 1 FROM downloads_lastturn)
FROM downloads_queueentry WHERE rendition_id = %s ORDER BY user_id
ON CONFLICT (user_id) DO UPDATE SET number = excluded.number
"""


def start(rendition_id: uuid.UUID) -> None:
    """Take a rendition out of the line: it is the turn of all who wait for it."""
    pk = _ID.get_db_prep_value(rendition_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(_TURN, [pk])
        cursor.execute("DELETE FROM downloads_queueentry WHERE rendition_id = %s", [pk])


def leave(which: Q) -> None:
    """Take these out of the line. ``which``: of entries."""
    QueueEntry.objects.filter(which).delete()


def ripen() -> None:
    """Have those start whose next attempt is due."""
    _start(QueueEntry.objects.filter(ready=False, due_at__lte=Now()))


def ripen_after_step() -> None:
    """Have those start that began to wait in the future: the clock was set back since."""
    _start(QueueEntry.objects.filter(ready=False, waits_since__gt=Now()))


def _start(later: Any) -> None:
    # Most calls end here, without a write: SQLite has one writer.
    if later.exists():
        later.update(ready=True)
