"""Downloadable content, and its requests by users."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from downloads.models.choices import owner_of_credentials
from downloads.querysets import ContentQuerySet


class Content(models.Model):
    """Something that can be downloaded: a catalogue item, or made from a pasted URL."""

    class ProbeStatus(models.TextChoices):
        PENDING = "pending"
        READY = "ready"
        FAILED = "failed"

    class Kind(models.TextChoices):
        SINGLE = "single"
        PLAYLIST = "playlist"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source_url = models.TextField(help_text="Normalised, without a login.")
    ciphertext = models.TextField(
        blank=True, editable=False, help_text="The link with its login, if it has one; encrypted."
    )
    url_key = models.CharField(
        max_length=64, editable=False, help_text="SHA-256 of the normalised URL."
    )
    credential_owner = owner_of_credentials()
    identity = models.CharField(
        max_length=512, blank=True, help_text="extractor:id, as resolving found it."
    )
    kind = models.CharField(
        max_length=8, choices=Kind, default=Kind.SINGLE, help_text="As probing found it."
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
    subtitles = models.JSONField(
        default=list, blank=True, help_text="On offer: [{language, name, automatic}, ...]."
    )
    languages = models.JSONField(
        default=list, blank=True, help_text="Of the sound, the original first."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    probe_status = models.CharField(
        max_length=8, choices=ProbeStatus, default=ProbeStatus.PENDING, db_index=True
    )
    probe_error_code = models.CharField(max_length=32, blank=True)
    probe_error = models.TextField(blank=True)
    probe_attempts = models.PositiveSmallIntegerField(default=0)
    probe_lease_expires_at = models.DateTimeField(null=True, blank=True)
    probing_since = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="While its lease lasts, a probe runs."
    )
    probed_at = models.DateTimeField(null=True, blank=True)
    probe_wanted_at = models.DateTimeField(
        null=True, blank=True, help_text="When a user last viewed it with outdated details."
    )

    objects: ClassVar[ContentQuerySet] = ContentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name_plural = "content"
        constraints = [
            # One for all, and one for each user who looks at it with their own cookies.
            models.UniqueConstraint(
                fields=["url_key"],
                condition=Q(credential_owner__isnull=True),
                name="one_shared_content",
            ),
            models.UniqueConstraint(
                fields=["url_key", "credential_owner"],
                condition=Q(credential_owner__isnull=False),
                name="one_private_content",
            ),
            models.CheckConstraint(
                condition=Q(in_catalogue=False) | Q(credential_owner__isnull=True),
                name="private_is_never_in_the_catalogue",
            ),
        ]
        indexes = [
            # jobs.prober takes the oldest that no worker probes
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
        """Return the URLs that fetching it may reach past the address policy: a sample's own URL
        and, if that is a playlist, the files beside it; else none.

        Only ``downloads.sample`` sets ``is_sample``, or the URL of a sample.
        """
        if not self.is_sample:
            return frozenset()
        folder, _, name = self.source_url.rpartition("/")
        return frozenset({f"{folder}/" if name.endswith(".m3u8") else self.source_url})


class ContentRequest(models.Model):
    """A user's request for this content. Pasted content is visible to its requesters only."""

    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="requests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    title = models.CharField(max_length=500, blank=True, help_text="The user's own title.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["content", "user"], name="one_request_per_user")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} asked for {self.content_id}"
