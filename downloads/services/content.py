"""What a user pastes becomes content that he may see."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING

from django.db import transaction

from downloads.models import Content, ContentRequest
from downloads.queue import wake
from downloads.resolver.urls import normalise

if TYPE_CHECKING:
    from accounts.models import User


def add_content(user: User, url: str, *, title: str = "") -> tuple[Content, bool]:
    """The content at this URL, visible to the user from now on; and whether it is new to him.

    Raises UnsupportedURL for what is not a URL that could be fetched.
    """
    content = _content_at(url)
    asked, created = ContentRequest.objects.get_or_create(
        content=content, user=user, defaults={"title": title}
    )
    if title and not created and asked.title != title:
        ContentRequest.objects.filter(pk=asked.pk).update(title=title)
    transaction.on_commit(wake.send_probe)
    return content, created


def _content_at(url: str) -> Content:
    normalised = normalise(url)
    key = hashlib.sha256(normalised.encode()).hexdigest()
    content, _ = Content.objects.get_or_create(url_key=key, defaults={"source_url": normalised})
    return content


def content_visible_to(user: User, pk: uuid.UUID) -> Content:
    """Raises Content.DoesNotExist for what this user may not see."""
    return Content.objects.visible_to(user).with_title_for(user).get(pk=pk)
