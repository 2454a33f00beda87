"""The entries of a playlist, and a user's choice from one: downloads under one parent."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from downloads.models.content import Content


class Playlist(models.Model):
    """The stored listing of a content whose ``kind`` is ``playlist``.

    ``seen`` and ``wanted`` count at the source, from its first entry on; ``count`` the entries
    kept: without duplicates and invalid links.
    """

    content = models.OneToOneField(
        Content, primary_key=True, on_delete=models.CASCADE, related_name="playlist"
    )
    count = models.PositiveIntegerField(default=0, help_text="Entries kept.")
    seen = models.PositiveIntegerField(default=0, help_text="How far the source was read.")
    wanted = models.PositiveIntegerField(default=0, help_text="How far a user asked to read.")
    total = models.PositiveIntegerField(
        null=True, blank=True, help_text="As the source says; empty where it does not."
    )
    has_more = models.BooleanField(default=False, help_text="There is something after these.")

    def __str__(self) -> str:
        return f"{self.content_id}: {self.count} of {self.total}"


class PlaylistEntry(models.Model):
    """One item of a playlist: a link, and its facts in the listing. Nothing is fetched of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField(help_text="From 1 on.")
    url = models.TextField(help_text="Normalised, without a login.")
    ciphertext = models.TextField(
        blank=True, editable=False, help_text="The link with its login, if it has one; encrypted."
    )
    url_key = models.CharField(max_length=64, editable=False, help_text="SHA-256 of the URL.")
    title = models.CharField(max_length=500, blank=True)
    duration = models.FloatField(null=True, blank=True, help_text="Seconds.")
    thumbnail_url = models.TextField(blank=True)
    identity = models.CharField(max_length=512, blank=True, help_text="extractor:id, if known.")

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "playlist entries"
        constraints = [
            models.UniqueConstraint(fields=["content", "url_key"], name="one_entry_per_url")
        ]
        indexes = [models.Index(fields=["content", "position"], name="entry_page")]

    def __str__(self) -> str:
        return self.title or self.url


class DownloadGroup(models.Model):
    """The parent of a user's downloads from one playlist, however often they come back to it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="download_groups"
    )
    title = models.CharField(max_length=500, blank=True)
    source = models.ForeignKey(
        Content, null=True, blank=True, on_delete=models.SET_NULL, related_name="groups"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "source"], name="one_group_per_playlist")
        ]
        indexes = [models.Index(fields=["user", "-created_at"], name="group_list")]

    def __str__(self) -> str:
        return self.title or str(self.id)
