"""The line of downloads that wait for a worker."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from downloads.models.download import Download
from downloads.models.rendition import Rendition


class QueueEntry(models.Model):
    """The place in line of one queued download; gone once it starts, or waits no more.

    A rendition that is shared stands in line once for each holder. A *lane* is what one user waits
    for at one host: its entries are in order, so that a claim compares the heads
    of the lanes, however many wait behind them. Only ``downloads.queue.entries`` writes these.
    """

    # Without constraints: a process of an earlier version does not know this table, and could not
    # delete what it points to. What such a one leaves is swept.
    download = models.OneToOneField(
        Download,
        primary_key=True,
        db_constraint=False,
        on_delete=models.CASCADE,
        related_name="queue_entry",
    )
    rendition = models.ForeignKey(
        Rendition, db_constraint=False, on_delete=models.CASCADE, related_name="queue_entries"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        db_constraint=False,
        db_index=False,
        on_delete=models.CASCADE,
        related_name="+",
    )
    host = models.CharField(max_length=255)
    lane = models.CharField(max_length=300, help_text="The user's id and the host.")
    priority = models.SmallIntegerField()
    queued_at = models.DateTimeField()
    suspect = models.BooleanField(help_text="It ended workers before, and so runs alone.")
    ready = models.BooleanField(help_text="It may start; else it waits for its next attempt.")
    due_at = models.DateTimeField(help_text="When it becomes ready.")
    waits_since = models.DateTimeField(help_text="As the rendition's.")

    class Meta:
        verbose_name_plural = "queue entries"
        indexes = [
            models.Index(
                fields=["lane", "-priority", "queued_at", "rendition"],
                condition=Q(ready=True),
                name="queue_lane",
            ),
            models.Index(fields=["user", "-priority", "queued_at"], name="queue_of_user"),
            models.Index(fields=["due_at"], condition=Q(ready=False), name="queue_later"),
        ]

    def __str__(self) -> str:
        return f"{self.lane}: {self.download_id}"


class LastTurn(models.Model):
    """The last turn of a user: the number of it among all turns. Of users who run as many, the one
    with the lowest is next. Only ``downloads.queue.entries`` writes these."""

    user = models.OneToOneField(  # without a constraint, as above
        settings.AUTH_USER_MODEL,
        primary_key=True,
        db_constraint=False,
        on_delete=models.CASCADE,
        related_name="+",
    )
    number = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.number}"
