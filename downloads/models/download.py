"""One user's claim on a rendition, and the timeline."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from downloads.models.choices import QUALITY_CHOICES, requested_options
from downloads.models.content import Content
from downloads.models.group import DownloadGroup
from downloads.models.rendition import Rendition
from downloads.querysets import DownloadQuerySet


class Download(models.Model):
    """One user's claim on a rendition.

    Its status follows from its own marks, its rendition's status and the clock:
    ``Download.objects.with_status()``. ``state`` is the same without the clock, stored so that an
    index can find it; only ``downloads.queue.transitions`` writes it.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        PAUSED = "paused"
        COMPLETED = "completed"
        FAILED = "failed"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="downloads"
    )
    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="downloads")
    rendition = models.ForeignKey(Rendition, on_delete=models.PROTECT, related_name="downloads")
    group = models.ForeignKey(
        DownloadGroup, null=True, blank=True, on_delete=models.SET_NULL, related_name="downloads"
    )
    quality = models.CharField(max_length=8, choices=QUALITY_CHOICES)
    options = requested_options()
    title = models.CharField(max_length=500, blank=True, help_text="The user's own title.")
    priority = models.SmallIntegerField(default=0, help_text="Higher runs first. Staff only.")
    seq_base = models.BigIntegerField(
        default=0, help_text="seq = this + the rendition's; grows when the rendition changes."
    )

    state = models.CharField(
        max_length=10, choices=Status, default="queued", db_default="queued", editable=False
    )
    tab = models.CharField(
        max_length=9,
        default="active",
        db_default="active",
        editable=False,
        help_text="The list that shows it: the key of TABS with its state.",
    )

    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    expired_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=32, blank=True)
    error = models.TextField(blank=True)

    objects: ClassVar[DownloadQuerySet] = DownloadQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            # Two requests of one user that race for the same thing: the second joins the first.
            models.UniqueConstraint(
                fields=["user", "content", "quality", "options"],
                condition=Q(
                    cancelled_at__isnull=True, expired_at__isnull=True, failed_at__isnull=True
                ),
                name="one_live_download",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="download_list"),
            models.Index(fields=["user", "tab", "-created_at", "-id"], name="download_tab"),
            # the numbers in each state, from the index alone
            models.Index(fields=["user", "state"], name="download_state"),
            models.Index(fields=["state"], name="download_of_state"),
            models.Index(
                fields=["user", "tab"],
                condition=Q(group__isnull=False),
                name="download_grouped",
            ),
            # maintenance expires these
            models.Index(
                fields=["expires_at"],
                condition=Q(expires_at__isnull=False, expired_at__isnull=True),
                name="download_expiring",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.content_id} {self.quality}"

    @property
    def lost(self) -> str:
        """The sentence why it expired before its time; empty if its time was up."""
        # a failure that expired later keeps its error, with its stamp
        return self.error if self.expired_at is not None and self.failed_at is None else ""


class Transition(models.Model):
    """One line of a timeline: a rendition's change of status, or a download's own mark.

    Append-only. It is no outbox: a line belongs to a rendition, and means different things to its
    holders, and it is deleted with its download. See ``WebhookDelivery``.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now(), editable=False)
    rendition = models.ForeignKey(
        Rendition, null=True, blank=True, on_delete=models.CASCADE, related_name="transitions"
    )
    download = models.ForeignKey(
        Download, null=True, blank=True, on_delete=models.CASCADE, related_name="transitions"
    )
    event = models.CharField(max_length=24, help_text="What happened: started, paused, ...")
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10, blank=True)
    reason = models.TextField(blank=True, help_text="A sentence for a person.")
    error_code = models.CharField(max_length=32, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    generation = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=300, blank=True, help_text="For staff.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rendition__isnull=False, download__isnull=True)
                | Q(rendition__isnull=True, download__isnull=False),
                name="of_a_rendition_or_a_download",
            )
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.event}"
