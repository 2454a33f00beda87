"""The ledger. What Redis loses, forgets or repeats changes nothing here.

``Content`` is something that can be downloaded. A ``Rendition`` is one content revision in one
selection: the unit of work and the stored file, shared by all who ask. A ``Download`` is one
user's claim on a rendition. ``Transition`` is the timeline, and the outbox for notifications.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from downloads.querysets import ContentQuerySet, DownloadQuerySet, RenditionQuerySet
from downloads.streams import Phase, Quality

QUALITY_CHOICES = [(quality.value, quality.value) for quality in Quality]
PHASE_CHOICES = [(phase.value, phase.value) for phase in Phase]


class Content(models.Model):
    """Something that can be downloaded: a catalogue item, or made from a pasted URL."""

    class ProbeStatus(models.TextChoices):
        PENDING = "pending"
        READY = "ready"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source_url = models.TextField(help_text="As it was pasted.")
    url_key = models.CharField(
        max_length=64, unique=True, editable=False, help_text="SHA-256 of the normalised URL."
    )
    identity = models.CharField(
        max_length=512, blank=True, help_text="extractor:id, as resolving found it."
    )
    title = models.CharField(max_length=500, blank=True)
    thumbnail_url = models.TextField(blank=True)
    duration = models.FloatField(null=True, blank=True, help_text="Seconds.")
    in_catalogue = models.BooleanField(default=False, help_text="Shown to everyone.")
    is_sample = models.BooleanField(
        default=False, editable=False, help_text="Ferry's own clip, published by itself."
    )
    requesters = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="ContentRequest", related_name="requested_content"
    )
    qualities = models.JSONField(default=list, blank=True, help_text="What the source offers.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    probe_status = models.CharField(
        max_length=8, choices=ProbeStatus, default=ProbeStatus.PENDING, db_index=True
    )
    probe_error_code = models.CharField(max_length=32, blank=True)
    probe_error = models.TextField(blank=True)
    probe_attempts = models.PositiveSmallIntegerField(default=0)
    probe_lease_expires_at = models.DateTimeField(null=True, blank=True)
    probed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[ContentQuerySet] = ContentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name_plural = "content"
        indexes = [
            # queue.probes takes the oldest that nobody probes
            models.Index(
                fields=["created_at"], condition=Q(probe_status="pending"), name="content_to_probe"
            ),
            models.Index(
                fields=["-created_at"], condition=Q(in_catalogue=True), name="content_catalogue"
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.source_url

    @property
    def grants(self) -> frozenset[str]:
        """What fetching it may reach past the address policy: a sample its own URL, else nothing.

        Nobody but ``downloads.sample`` sets ``is_sample``, or the URL of what has it.
        """
        return frozenset({self.source_url} if self.is_sample else ())


class ContentRequest(models.Model):
    """Who pasted this content. Pasted content is visible to its requesters only."""

    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="requests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    title = models.CharField(max_length=500, blank=True, help_text="As this user calls it.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["content", "user"], name="one_request_per_user")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} asked for {self.content_id}"


class Worker(models.Model):
    """One worker process. It lives as long as its heartbeat; nobody infers it from anything."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hostname = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    process_started_at = models.FloatField(
        help_text="The system's start time of the process: a pid alone may be somebody else's."
    )
    concurrency = models.PositiveSmallIntegerField()
    stopping = models.BooleanField(default=False)
    started_at = models.DateTimeField(db_default=Now(), editable=False)
    heartbeat_at = models.DateTimeField(db_default=Now(), db_index=True)

    def __str__(self) -> str:
        return f"{self.hostname}:{self.pid}"


class SourceHost(models.Model):
    """A source that asked us to slow down: nothing is started there until it has cooled."""

    name = models.CharField(max_length=255, primary_key=True)
    cooling_until = models.DateTimeField(db_index=True)

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
    quality = models.CharField(max_length=8, choices=QUALITY_CHOICES, help_text="As wanted.")
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
    attempts = models.PositiveIntegerField(default=0, help_text="Since somebody last asked.")
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
    resolution = models.JSONField(
        null=True, blank=True, help_text="The selection while it is fetched: resume asks no one."
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

    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    stored_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[RenditionQuerySet] = RenditionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            # before resolving, a rendition is keyed by the wanted quality
            models.UniqueConstraint(
                fields=["content", "quality"],
                condition=Q(status__in=["queued", "running", "finalizing"]),
                name="one_active_rendition",
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


class Download(models.Model):
    """One user's claim on a rendition.

    Its status is derived, never stored: ``Download.objects.with_status()``.
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
    quality = models.CharField(max_length=8, choices=QUALITY_CHOICES)
    title = models.CharField(max_length=500, blank=True, help_text="As this user calls it.")
    priority = models.SmallIntegerField(default=0, help_text="Higher runs first. Staff only.")
    seq_base = models.BigIntegerField(
        default=0, help_text="seq = this + the rendition's; grows when the rendition changes."
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
            # two requests of one user that race for the same thing: the second joins the first
            models.UniqueConstraint(
                fields=["user", "content", "quality"],
                condition=Q(
                    cancelled_at__isnull=True, expired_at__isnull=True, failed_at__isnull=True
                ),
                name="one_live_download",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="download_list"),
            # maintenance expires these
            models.Index(
                fields=["expires_at"],
                condition=Q(expires_at__isnull=False, expired_at__isnull=True),
                name="download_expiring",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.content_id} {self.quality}"


class Transition(models.Model):
    """One line of a timeline: a rendition's change of status, or a download's own mark.

    Append-only. ``notify`` reads it in the order of ``id`` as its outbox.
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


class IdempotencyKey(models.Model):
    """The answer once given to an ``Idempotency-Key``; swept after a day."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the request's body.")
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField()
    created_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_key")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.key}"


class RealtimeTicket(models.Model):
    """Opens one WebSocket, once, within 30 seconds. Only its hash is kept."""

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"ticket of {self.user_id}"


class MaintenanceTurn(models.Model):
    """Who does the maintenance now. Any number of loops run; one acts at a time."""

    name = models.CharField(max_length=32, primary_key=True)
    holder = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, help_text="When a turn last ended well.")

    def __str__(self) -> str:
        return f"{self.name}: {self.holder}"
