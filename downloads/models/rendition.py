"""The unit of work and the stored file, and the workers."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from downloads.engine.core.languages import LONGEST_TAG
from downloads.models.choices import (
    PHASE_CHOICES,
    QUALITY_CHOICES,
    owner_of_credentials,
    requested_options,
)
from downloads.models.content import Content
from downloads.querysets import RenditionQuerySet, WorkerQuerySet


class Worker(models.Model):
    """One worker process. It is alive while its heartbeat is recent; nothing else counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hostname = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    process_started_at = models.FloatField(
        help_text="The system's start time of the process: a pid may be reused."
    )
    process_space = models.CharField(
        max_length=128,
        blank=True,
        db_default="",
        help_text="Whose process ids these are; empty if not told.",
    )
    concurrency = models.PositiveSmallIntegerField()
    version = models.CharField(
        max_length=64, db_default="", help_text="Ferry's; empty before it was kept."
    )
    ytdlp_version = models.CharField(
        max_length=64, blank=True, db_default="", help_text="Of its host; empty if not told."
    )
    stopping = models.BooleanField(default=False)
    started_at = models.DateTimeField(db_default=Now(), editable=False)
    heartbeat_at = models.DateTimeField(db_default=Now(), db_index=True)

    objects: ClassVar[WorkerQuerySet] = WorkerQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"{self.hostname}:{self.pid}"


class SourceHost(models.Model):
    """A source that limits requests: nothing is started there until it has cooled down."""

    name = models.CharField(max_length=255, primary_key=True)
    cooling_until = models.DateTimeField(db_index=True)
    cooling_since = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


class Rendition(models.Model):
    """One content revision in one selection: the unit of work and the stored file.

    Only ``downloads.queue.transitions`` writes ``status``.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        FINALIZING = "finalizing"
        STORED = "stored"
        FAILED = "failed"
        IDLE = "idle"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="renditions")
    quality = models.CharField(max_length=8, choices=QUALITY_CHOICES, help_text="As requested.")
    options = requested_options()
    credential_owner = owner_of_credentials()
    host = models.CharField(max_length=255, help_text="The source's host, for its limits.")

    resolved_quality = models.CharField(max_length=8, blank=True, choices=QUALITY_CHOICES)
    selection = models.CharField(max_length=255, blank=True, help_text="The formats chosen.")
    revision = models.CharField(max_length=32, blank=True, help_text="Version at the source.")
    verified_at = models.DateTimeField(
        null=True, blank=True, help_text="When the source last confirmed this revision."
    )

    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    queued_at = models.DateTimeField(db_default=Now())
    next_attempt_at = models.DateTimeField(db_default=Now())
    waits_since = models.DateTimeField(
        db_default=Now(),
        help_text="When next_attempt_at was written: in the future if the clock was set back.",
    )
    attempts = models.PositiveIntegerField(default=0, help_text="Since it was last requested.")
    reclaims = models.PositiveIntegerField(
        default=0, help_text="Leases lost in a row without a newer checkpoint in between."
    )
    error_code = models.CharField(max_length=32, blank=True)
    error = models.TextField(blank=True)
    error_detail = models.TextField(blank=True, help_text="The raw reason, for staff.")

    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    generation = models.PositiveIntegerField(
        default=0, help_text="Counts the take-overs; each writes a part file of its own."
    )
    worker = models.ForeignKey(
        Worker, null=True, blank=True, on_delete=models.SET_NULL, related_name="renditions"
    )

    phase = models.CharField(max_length=12, blank=True, choices=PHASE_CHOICES)
    progress = models.FloatField(default=0, help_text="Percent; never falls within an attempt.")
    bytes_done = models.BigIntegerField(default=0)
    bytes_total = models.BigIntegerField(null=True, blank=True)
    speed = models.FloatField(default=0, help_text="Bytes a second.")
    eta = models.FloatField(null=True, blank=True, help_text="Seconds.")
    speed_samples = models.JSONField(
        default=list,
        blank=True,
        help_text="Of the last attempt: [[seconds since it began, bytes a second], ...].",
    )
    seq = models.BigIntegerField(default=0, help_text="Grows with every change worth telling.")
    resolution = models.TextField(
        blank=True,
        editable=False,
        help_text="The selection while it is fetched: resume asks no one; encrypted.",
    )
    checkpoint = models.JSONField(null=True, blank=True, help_text="What is durable of it.")

    storage_name = models.CharField(
        max_length=1024,
        blank=True,
        help_text="Set before the file is moved there; emptied once it is removed.",
    )
    ext = models.CharField(max_length=16, blank=True)
    mime_type = models.CharField(max_length=127, blank=True)
    size = models.BigIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    language = models.CharField(
        max_length=LONGEST_TAG, blank=True, help_text="Of the sound that came; empty if not known."
    )
    subtitles = models.JSONField(
        default=list,
        blank=True,
        help_text="The WebVTT files beside it, as models.subtitles says; named before written.",
    )
    note = models.TextField(
        blank=True, help_text="What the file lacks, and why: sentences for a person."
    )

    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    stored_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[RenditionQuerySet] = RenditionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            # Before resolving, a rendition is keyed by the request and the owner of the cookies.
            models.UniqueConstraint(
                fields=["content", "quality", "options"],
                condition=Q(
                    status__in=["queued", "running", "finalizing"], credential_owner__isnull=True
                ),
                name="one_active_rendition",
            ),
            models.UniqueConstraint(
                fields=["content", "quality", "options", "credential_owner"],
                condition=Q(
                    status__in=["queued", "running", "finalizing"], credential_owner__isnull=False
                ),
                name="one_active_private_rendition",
            ),
            models.UniqueConstraint(
                fields=["storage_name"], condition=~Q(storage_name=""), name="one_file_each"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["running", "finalizing"], lease_token__isnull=False)
                | (
                    ~Q(status__in=["running", "finalizing"])
                    & Q(lease_token__isnull=True, lease_expires_at__isnull=True)
                ),
                name="a_lease_exactly_while_running",
            ),
            models.CheckConstraint(
                condition=~Q(status="stored") | (~Q(storage_name="") & Q(size__isnull=False)),
                name="stored_has_a_file",
            ),
        ]
        indexes = [
            # queue.claim takes the fairest of the due ones
            models.Index(
                fields=["next_attempt_at"], condition=Q(status="queued"), name="rendition_due"
            ),
            # queue.reaper looks for lapsed leases, queue.claim counts live ones
            models.Index(
                fields=["lease_expires_at"],
                condition=Q(lease_token__isnull=False),
                name="rendition_leased",
            ),
            models.Index(fields=["content", "quality"], name="rendition_lookup"),
        ]

    def __str__(self) -> str:
        return f"{self.content_id} {self.quality} ({self.status})"
