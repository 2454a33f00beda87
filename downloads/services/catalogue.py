"""Writes to the catalogue, which all users see. For staff; the views enforce that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from downloads.engine.core.redaction import redact_userinfo
from downloads.engine.resolver.text import without_controls
from downloads.models import Content
from downloads.queue import wake
from downloads.services.content import add_content

if TYPE_CHECKING:
    from accounts.models import User


def add_to_catalogue(user: User, url: str, **edited: str) -> Content:
    """Add content, shown to all from now on; ``edited`` as below. Raises UnsupportedURL."""
    with transaction.atomic():
        content, _ = add_content(user, url, shared=True)
        edit_content(content, in_catalogue=True, **edited)
    return content


def edit_content(content: Content, **edited: str | bool) -> None:
    """Change ``title``, ``thumbnail_url``, ``in_catalogue``; a worker writes the other fields.

    All users see them: a title has no control characters, an image's URL no login.
    """
    if "title" in edited:
        edited["title"] = without_controls(str(edited["title"]))
    if "thumbnail_url" in edited:
        edited["thumbnail_url"] = redact_userinfo(str(edited["thumbnail_url"]))
    Content.objects.filter(pk=content.pk).update(**edited)


def probe_again(content: Content) -> None:
    """Probe the source again; the known details stay until it answers."""
    Content.objects.filter(pk=content.pk).update(
        probe_status=Content.ProbeStatus.PENDING,
        probe_error="",
        probe_error_code="",
        probe_attempts=0,
        probe_lease_expires_at=None,
    )
    transaction.on_commit(wake.send_probe)
