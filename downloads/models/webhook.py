"""A user's webhooks, and each message queued for them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Webhook(models.Model):
    """One user's webhook address. Its signing secret is encrypted
    (``downloads.network.encryption``), and shown once, to its owner, when it is made."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks"
    )
    url = models.TextField()
    events = models.JSONField(default=list, help_text="The names of those it wants.")
    description = models.CharField(max_length=200, blank=True)
    ciphertext = models.TextField(editable=False)
    failing_since = models.DateTimeField(
        null=True, blank=True, help_text="No attempt has gone well from then on."
    )
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.TextField(blank=True, help_text="A sentence for a person.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"webhook {self.id} of {self.user_id}"


class WebhookDelivery(models.Model):
    """One message for one webhook: written in the transaction in which it happened, with the body
    as it will be sent, and kept for a while after it was.

    While an attempt is under way it has a ``claim_token``, and ``next_attempt_at`` is when it is
    due again if the sender dies.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # No constraint: deleting a webhook must not fail a transaction in which, at that moment, a
    # download of its user changes its status. Orphaned rows are never sent, and pruned.
    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, db_constraint=False, related_name="deliveries"
    )
    message_id = models.UUIDField(editable=False, help_text="The same for all of its attempts.")
    type = models.CharField(max_length=32, help_text="The event's name.")
    body = models.TextField(help_text="As it is sent.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveIntegerField(default=0, help_text="Since it was last asked for.")
    claim_token = models.UUIDField(null=True, blank=True, editable=False)
    next_attempt_at = models.DateTimeField(null=True, blank=True, db_default=Now())
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    response_status = models.PositiveIntegerField(null=True, blank=True)
    response_body = models.TextField(blank=True, help_text="How the answer begins.")
    error = models.TextField(blank=True, help_text="A sentence for a person.")
    created_at = models.DateTimeField(db_default=Now(), db_index=True, editable=False)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "message_id"], name="one_row_per_message"),
        ]
        indexes = [
            models.Index(fields=["webhook", "-created_at"], name="delivery_list"),
            models.Index(
                fields=["next_attempt_at"], condition=Q(status="pending"), name="delivery_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} to {self.webhook_id}"
