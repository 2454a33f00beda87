"""Stored answers, tickets, and the maintenance turn; all swept when they are old."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


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
    """A ticket that opens one WebSocket, once, within 30 seconds. Only its hash is kept.

    It was given for a token or a session, and ends with it, as does the socket that it opens.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    token_digest = models.CharField(max_length=128, blank=True)
    session_key = models.CharField(max_length=40, blank=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"ticket of {self.user_id}"


class MaintenanceTurn(models.Model):
    """The process that does the maintenance now. Any number of loops run; one acts at a time."""

    name = models.CharField(max_length=32, primary_key=True)
    holder = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, help_text="When a turn last ended well.")

    def __str__(self) -> str:
        return f"{self.name}: {self.holder}"


class InstallationFact(models.Model):
    """Something that all hosts of an installation must agree on, such as the key's fingerprint."""

    name = models.CharField(max_length=32, primary_key=True)
    value = models.CharField(max_length=255)

    def __str__(self) -> str:
        return self.name


class MetricSample(models.Model):
    """One sample of a counter, the sum of what all processes have added."""

    key = models.CharField(
        max_length=255, primary_key=True, help_text="JSON: the sample's name and its labels."
    )
    value = models.FloatField(default=0.0, db_default=0.0)

    def __str__(self) -> str:
        return self.key
