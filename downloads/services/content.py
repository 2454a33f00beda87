"""Content that users paste, and who may see it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import BigIntegerField, CharField, QuerySet

from config.prepared import Prepared, PreparedInsert
from downloads.engine.core.errors import UnsupportedURL
from downloads.engine.resolver.text import without_controls
from downloads.engine.resolver.urls import normalise
from downloads.jobs.resolve import look_again_if_stale
from downloads.models import Content, ContentRequest
from downloads.network import credentials, source_login
from downloads.queue import wake

if TYPE_CHECKING:
    from accounts.models import User

_SHARED_LOGIN: Final = (
    "This link holds a login, which everyone would use. Add the link without it, and the login as "
    "a host rule."
)
_BATCH: Final = 100  # rows: SQLite binds a limited number of values at once


def add_content(
    user: User, url: str, *, title: str = "", shared: bool = False, probes: bool = True
) -> tuple[Content, bool]:
    """Return the content at this URL, visible to the user from now on, locked until the transaction
    ends; and whether it is new to them.

    If the URL holds a login, or they have cookies for its site, it is a row of their own that no
    other user sees, and probed with these; unless it must be ``shared``, as in the catalogue.
    ``probes``: a worker is told at once.
    Raises UnsupportedURL for a URL that cannot be fetched, or holds a login and must be shared.
    """
    whole = normalise(url)
    link = source_login.without_login(whole) if "@" in urlsplit(whole).netloc else whole
    if link != whole and shared:
        raise UnsupportedURL(message=_SHARED_LOGIN)
    title = without_controls(title) if title else title
    with transaction.atomic(savepoint=False):
        return _added(user, link, whole, title, shared=shared, probes=probes)


def _added(
    user: User, link: str, whole: str, title: str, *, shared: bool, probes: bool
) -> tuple[Content, bool]:
    """``link``: ``whole`` without the login that it may hold."""
    if link != whole:
        owner_id: int | None = user.pk
    else:
        owner_id = None if shared else credentials.owner_for(user.pk, link)
    key = hashlib.sha256(link.encode()).hexdigest()
    while not (rows := _shared(key) if owner_id is None else _private(key, owner_id)):
        # Another request may add the same row meanwhile; either row will do.
        _add_row(url_key=key, credential_owner_id=owner_id, source_url=link)
    content = rows[0]
    if link != whole:  # the login as it was pasted last
        content.ciphertext = source_login.seal(content, whole)
        content.save(update_fields=["ciphertext"])
    if content.probe_lease_expires_at is not None and not content.probe_attempts:
        # Deferred while only a playlist named it (``services.playlists``): no longer.
        put_off = Content.objects.filter(pk=content.pk, probe_attempts=0)
        put_off.update(probe_lease_expires_at=None)
    is_new = _add_request(content_id=content.pk, user_id=user.pk, title=title)
    if title and not is_new:
        requests = ContentRequest.objects.filter(content=content, user=user)
        requests.exclude(title=title).update(title=title)
    if probes:
        transaction.on_commit(wake.send_probe)
    return content, is_new


def _locked(**which: Any) -> QuerySet[Content]:
    return Content.objects.select_for_update().filter(**which)


_shared: Final[Prepared[Content]] = Prepared(
    lambda key: _locked(url_key=key, credential_owner_id=None), CharField()
)
_private: Final[Prepared[Content]] = Prepared(
    lambda key, owner: _locked(url_key=key, credential_owner_id=owner),
    CharField(),
    BigIntegerField(),
)
_add_row: Final = PreparedInsert(Content, or_nothing=True)
_add_request: Final = PreparedInsert(ContentRequest, or_nothing=True)


def owner_of_fetch(user: User, content: Content) -> int | None:
    """Return the user with whose cookies this user's fetch goes; None: without cookies.

    Details found with their cookies stay theirs, also once these are gone.
    """
    return content.credential_owner_id or credentials.owner_for(user.pk, content.source_url)


def owners_of_fetch(user: User, contents: Iterable[Content]) -> dict[Content, int | None]:
    """Return the same for several, by content."""
    contents = list(contents)
    owners = _owners(user, [content.source_url for content in contents])
    return {each: each.credential_owner_id or owners[each.source_url] for each in contents}


def _owners(user: User, urls: Iterable[str]) -> dict[str, int | None]:
    """Return the same by URL. Cookies are a host's, and a playlist's entries mostly share one."""
    hosts: dict[str | None, int | None] = {}
    found = {}
    for url in urls:
        host = urlsplit(url).hostname
        if host not in hosts:
            hosts[host] = credentials.owner_for(user.pk, url)
        found[url] = hosts[host]
    return found


def add_contents(user: User, titles: Mapping[str, str]) -> dict[str, Content]:
    """Add many contents in the caller's transaction: their titles by normalised URL. Return the
    content by URL.

    The caller has them probed, if it wants that (``wake.send_probe``).
    """
    links = {url: source_login.without_login(url) for url in titles}
    wanted: dict[tuple[str, int | None], str] = {}
    for url, owner in _owners(user, titles).items():
        key = hashlib.sha256(links[url].encode()).hexdigest()
        wanted[key, owner if links[url] == url else user.pk] = url
    found = _known(wanted)
    missing = [
        Content(url_key=key, credential_owner_id=owner, source_url=links[url])
        for (key, owner), url in wanted.items()
        if url not in found
    ]
    if missing:
        # Another request may add the same row meanwhile; either row will do.
        Content.objects.bulk_create(missing, ignore_conflicts=True, batch_size=_BATCH)
        found = _known(wanted)
    _keep_logins({content: url for url, content in found.items() if links[url] != url})
    _remember(user, {content: titles[url] for url, content in found.items()})
    return {url: found[url] for url in titles}


def _keep_logins(links: Mapping[Content, str]) -> None:
    """Keep the logins of these links, which are of one user's own contents."""
    for content, link in links.items():
        content.ciphertext = source_login.seal(content, link)
    Content.objects.bulk_update(links, ["ciphertext"], batch_size=_BATCH)


def _known(wanted: Mapping[tuple[str, int | None], str]) -> dict[str, Content]:
    """Return the known contents by URL."""
    rows = Content.objects.filter(url_key__in=[key for key, _ in wanted])
    named = {(row.url_key, row.credential_owner_id): row for row in rows}
    return {url: named[identity] for identity, url in wanted.items() if identity in named}


def _remember(user: User, titles: Mapping[Content, str]) -> None:
    """Note that this user requested these, with their titles."""
    requests = ContentRequest.objects.filter(user=user, content__in=titles)
    before = {each.content_id: each for each in requests}
    renamed = []
    for content, title in titles.items():
        known = before.get(content.pk)
        if known is not None and title and known.title != title:
            known.title = title
            renamed.append(known)
    ContentRequest.objects.bulk_update(renamed, ["title"], batch_size=_BATCH)
    ContentRequest.objects.bulk_create(
        [
            ContentRequest(content=content, user=user, title=title)
            for content, title in titles.items()
            if content.pk not in before
        ],
        ignore_conflicts=True,
        batch_size=_BATCH,
    )


def content_visible_to(user: User, pk: uuid.UUID) -> Content:
    """Return the content. Raises Content.DoesNotExist if this user may not see it.

    Outdated details are probed again, by the worker, since a user views them.
    """
    content: Content = Content.objects.visible_to(user).with_title_for(user).get(pk=pk)
    look_again_if_stale(content)
    return content
