"""What a user pastes becomes content that he may see."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING

from django.db import transaction

from downloads import credentials
from downloads.models import Content, ContentRequest
from downloads.queue import wake
from downloads.resolution import look_again_if_stale
from downloads.resolver.urls import normalise

if TYPE_CHECKING:
    from accounts.models import User


def add_content(
    user: User, url: str, *, title: str = "", shared: bool = False
) -> tuple[Content, bool]:
    """The content at this URL, visible to the user from now on; and whether it is new to him.

    Where he has cookies for its site it is looked at with these, and so is a row of his own that
    nobody else comes to see; unless it is to be ``shared``, as what staff put in the catalogue.
    Raises UnsupportedURL for what is not a URL that could be fetched.
    """
    normalised = normalise(url)
    owner_id = None if shared else credentials.owner_for(user.pk, normalised)
    content = _content_at(normalised, owner_id)
    _look_at(content)
    asked, created = ContentRequest.objects.get_or_create(
        content=content, user=user, defaults={"title": title}
    )
    if title and not created and asked.title != title:
        ContentRequest.objects.filter(pk=asked.pk).update(title=title)
    transaction.on_commit(wake.send_probe)
    return content, created


def _content_at(normalised: str, owner_id: int | None) -> Content:
    key = hashlib.sha256(normalised.encode()).hexdigest()
    content, _ = Content.objects.get_or_create(
        url_key=key, credential_owner_id=owner_id, defaults={"source_url": normalised}
    )
    return content


def _look_at(content: Content) -> None:
    """Its probe was put off while only a playlist named it (``services.playlists``): no longer."""
    if content.probe_lease_expires_at is not None and not content.probe_attempts:
        put_off = Content.objects.filter(pk=content.pk, probe_attempts=0)
        put_off.update(probe_lease_expires_at=None)


def owner_of_fetch(user: User, content: Content) -> int | None:
    """With whose cookies this user's fetch of the content goes; None: with nobody's.

    What was learnt with his cookies stays his, also once they are gone.
    """
    return content.credential_owner_id or credentials.owner_for(user.pk, content.source_url)


def content_visible_to(user: User, pk: uuid.UUID) -> Content:
    """Raises Content.DoesNotExist for what this user may not see.

    What has long been known is asked for anew, by the worker, since somebody looks at it.
    """
    content: Content = Content.objects.visible_to(user).with_title_for(user).get(pk=pk)
    look_again_if_stale(content)
    return content
