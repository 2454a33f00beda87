"""The meaning of the ledger's rows, as SQL. The one definition; Python reads the annotations."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Container
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Now

from config.prepared import Prepared

if TYPE_CHECKING:
    from accounts.models import User

ACTIVE_RENDITION: Final = ("queued", "running", "finalizing")
LEASED_RENDITION: Final = ("running", "finalizing")

TABS: Final[dict[str, tuple[str, ...]]] = {
    "active": ("queued", "running", "paused"),
    "completed": ("completed", "expired"),
    "failed": ("failed", "cancelled"),
}
TAB_OF: Final = {state: tab for tab, states in TABS.items() for state in states}
LIVE: Final = ("queued", "running", "paused", "completed")

# Columns of a rendition that no list shows, and that may be large.
HEAVY: Final = ("checkpoint", "resolution", "speed_samples")
_HEAVY: Final = tuple(f"rendition__{name}" for name in HEAVY)
# Columns of a content that only its own page and a card's remedy show.
OFFERS: Final = ("qualities", "subtitles", "languages", "ciphertext")
_OFFERS: Final = tuple(f"content__{name}" for name in OFFERS)

# A holder keeps the bytes; a wanting one keeps the work running. Both read a Download's own marks.
HOLDS: Final = Q(cancelled_at__isnull=True, expired_at__isnull=True)
WANTS: Final = HOLDS & Q(paused_at__isnull=True, failed_at__isnull=True)
# A rendition that has nothing unfinished to resume. One that is paused has its checkpoint.
AT_REST: Final = Q(status__in=["stored", "failed"]) | Q(status="idle", checkpoint__isnull=True)


def over(end: str, since: str) -> Q:
    """Return the condition that a wait is over. ``end`` and ``since`` name its columns.

    A clock that was set back would make it longer by as much: a wait that begins in the future is
    over, so that none lasts twice as long as it was meant to.
    """
    return Q(**{f"{end}__lte": Now()}) | Q(**{f"{since}__gt": Now()})


# What a download's stored ``state`` must be. ``state_of`` is the same in Python; a test holds them
# together, and ``manage.py check_ledger`` both against what is stored.
STATE: Final = Case(
    When(cancelled_at__isnull=False, then=Value("cancelled")),
    When(expired_at__isnull=False, then=Value("expired")),
    When(rendition__status="stored", then=Value("completed")),
    When(paused_at__isnull=False, then=Value("paused")),
    When(failed_at__isnull=False, then=Value("failed")),
    When(rendition__status__in=LEASED_RENDITION, then=Value("running")),
    default=Value("queued"),
    output_field=models.CharField(),
)
STATUS: Final = Case(
    When(cancelled_at__isnull=True, expires_at__lte=Now(), then=Value("expired")),
    default=STATE,
)
MARKS: Final = ("cancelled_at", "expired_at", "paused_at", "failed_at")


def state_of(marks: Container[str], rendition_status: str) -> str:
    """Return the state of a download. ``marks``: those of MARKS that are set. Pure."""
    if "cancelled_at" in marks:
        return "cancelled"
    if "expired_at" in marks:
        return "expired"
    if rendition_status == "stored":
        return "completed"
    if "paused_at" in marks:
        return "paused"
    if "failed_at" in marks:
        return "failed"
    return "running" if rendition_status in LEASED_RENDITION else "queued"


def stored_as(state: str) -> dict[str, str]:
    """Return the columns of a download in this state."""
    return {"state": state, "tab": TAB_OF[state]}


# The columns of a new download, by its rendition's status.
BEGINS_AS: Final = {
    status: stored_as(state_of((), status))
    for status in (*ACTIVE_RENDITION, "stored", "failed", "idle")
}


SHOWN_TITLE: Final = Case(When(title="", then=F("content__title")), default=F("title"))


def has_words(search: str) -> Q:
    """Return the condition that all words are in the title or the URL. Needs ``shown_title``."""
    result = Q()
    for word in search.split():
        result &= Q(shown_title__icontains=word) | Q(content__source_url__icontains=word)
    return result


def in_timeline_of(download: Any) -> Q:
    """Return the condition on transitions that a download's holder may see: its own, and those of
    its file since it was requested. Earlier ones tell of another user's request."""
    since = download.created_at - timedelta(seconds=1)  # the file's row is written first
    return Q(download=download) | Q(rendition=download.rendition_id, at__gte=since)


def prefixed(condition: Q, prefix: str) -> Q:
    """Return the same condition, seen across a relation: ``prefixed(WANTS, "downloads__")``."""
    result = Q(_connector=condition.connector, _negated=condition.negated)
    for child in condition.children:
        if isinstance(child, Q):
            result.children.append(prefixed(child, prefix))
        else:
            name, value = child  # type: ignore[misc]
            result.children.append((f"{prefix}{name}", value))
    return result


def _rows(model: str) -> QuerySet[Any]:
    """Return a model's rows. The models import this module, so they are looked up on use."""
    rows: QuerySet[Any] = apps.get_model("downloads", model)._default_manager.order_by()
    return rows


def alive(lease: timedelta) -> Q:
    """Return the condition of a worker with a heartbeat within a lease; one from the future is of
    before the clock was set back."""
    return Q(heartbeat_at__gte=Now() - lease, heartbeat_at__lte=Now() + lease)


class WorkerQuerySet(QuerySet[Any, Any]):
    def alive(self, lease: timedelta) -> WorkerQuerySet:
        return self.filter(alive(lease))


class ContentQuerySet(QuerySet[Any, Any]):
    def visible_to(self, user: User) -> ContentQuerySet:
        """Return the catalogue, and the content that this user pasted."""
        requested = _rows("ContentRequest").filter(content=OuterRef("pk"), user=user)
        return self.filter(Q(in_catalogue=True) | Exists(requested))

    def with_title_for(self, user: User) -> ContentQuerySet:
        """Annotate ``shown_title``: this user's own, or the source's."""
        own = (
            _rows("ContentRequest")
            .filter(content=OuterRef("pk"), user=user)
            .exclude(title="")
            .values("title")
        )
        return self.annotate(shown_title=Coalesce(Subquery(own[:1]), F("title")))

    def of_gone_owners(self) -> ContentQuerySet:
        """Return content probed with the cookies of a deleted account, and without files."""
        owner = get_user_model()._default_manager.filter(pk=OuterRef("credential_owner_id"))
        private = self.filter(credential_owner_id__isnull=False, renditions=None, downloads=None)
        return private.filter(~Exists(owner))


class RenditionQuerySet(QuerySet[Any, Any]):
    def active(self) -> RenditionQuerySet:
        return self.filter(status__in=ACTIVE_RENDITION)

    def leased(self) -> RenditionQuerySet:
        return self.filter(lease_token__isnull=False)

    def lapsed(self, longest: timedelta) -> RenditionQuerySet:
        """Return renditions whose lease ran out: the worker died, hangs, or is disconnected.

        So has one that lasts longer than ``longest``: it is from before the clock was set back, and
        its worker has not renewed it since.
        """
        ended = Q(lease_expires_at__lt=Now()) | Q(lease_expires_at__gt=Now() + longest)
        return self.leased().filter(ended)

    def wanted(self) -> RenditionQuerySet:
        return self.filter(Exists(_downloads_of_rendition().filter(WANTS)))

    def unheld(self) -> RenditionQuerySet:
        """Return renditions without a holder."""
        return self.exclude(Exists(_downloads_of_rendition().filter(HOLDS)))


def _downloads_of_rendition() -> QuerySet[Any]:
    return _rows("Download").filter(rendition=OuterRef("pk"))


class DownloadQuerySet(QuerySet[Any, Any]):
    def of(self, user: User) -> DownloadQuerySet:
        return self.filter(user=user)

    def holding(self) -> DownloadQuerySet:
        return self.filter(HOLDS)

    def wanting(self) -> DownloadQuerySet:
        return self.filter(WANTS)

    def with_status(self) -> DownloadQuerySet:
        """Annotate ``status``, ``seq`` and ``shown_title``; join rendition and content."""
        shown = self.select_related("rendition", "content").defer(*_HEAVY)
        return shown.annotate(
            status=STATUS,
            seq=F("seq_base") + F("rendition__seq"),
            shown_title=SHOWN_TITLE,
        )

    def in_tab(self, tab: str) -> DownloadQuerySet:
        """Return the downloads of a tab, a key of TABS, from the index."""
        return self.filter(tab=tab)

    def live(self) -> DownloadQuerySet:
        """Return the live downloads. Needs ``with_status()``."""
        return self.filter(status__in=LIVE)

    def get_own(self, user: User, pk: uuid.UUID | str) -> Any:
        """Return the user's download. Raises DoesNotExist for another user's as for a missing
        one."""
        return _own.one(user.pk, pk)


# --- the same, with SQL that is built once ------------------------------------------------


def read_all(ids: Collection[uuid.UUID]) -> list[Any]:
    """Return these downloads ``with_status()``. Mostly it is one."""
    return _one(*ids) if len(ids) == 1 else list(_downloads().filter(pk__in=ids).with_status())


def newest(user: User, tab: str | None, count: int, *, offers: bool) -> list[Any]:
    """Return the newest ``count`` downloads of a user, or of one of their tabs, ``with_status()``.
    ``offers``: with the columns of the content that only its own page shows."""
    if tab is None:
        return _newest(count, offers, False)(user.pk)
    return _newest(count, offers, True)(user.pk, tab)


def held_already(user: User, contents: Collection[Any], quality: str, options: str) -> list[Any]:
    """Return the user's holding downloads of these contents in this quality and with these options,
    ``with_status()``. Mostly it is one content."""
    if len(contents) == 1:
        (content,) = contents
        return _held(user.pk, content.pk, quality, options)
    held = _downloads().filter(HOLDS, user=user, content__in=contents)
    return list(held.filter(quality=quality, options=options).with_status())


def rendition_with_content(pk: uuid.UUID) -> Any:
    """Return the rendition as it is now. Raises DoesNotExist."""
    return _rendition.one(pk)


def holders_wanting(rendition_id: uuid.UUID) -> list[Any]:
    """Return the downloads that want this rendition, with their users."""
    return _wanting(rendition_id)


def _downloads() -> DownloadQuerySet:
    found: DownloadQuerySet = apps.get_model("downloads", "Download")._default_manager.all()
    return found


_one: Final[Prepared[Any]] = Prepared(
    lambda pk: _downloads().filter(pk=pk).with_status(), models.UUIDField()
)
_own: Final[Prepared[Any]] = Prepared(
    lambda user, pk: _downloads().filter(user=user, pk=pk).with_status(),
    models.BigIntegerField(),
    models.UUIDField(),
)


@cache  # of the few pages that there are
def _newest(count: int, offers: bool, of_tab: bool) -> Prepared[Any]:
    def build(user: Any, *tab: Any) -> Any:
        found = _downloads().filter(user=user)
        found = (found.filter(tab=tab[0]) if of_tab else found).with_status()
        return (found if offers else found.defer(*_OFFERS))[:count]

    tab = [models.CharField()] if of_tab else []
    return Prepared(build, models.BigIntegerField(), *tab)


_held: Final[Prepared[Any]] = Prepared(
    lambda user, content, quality, options: (
        _downloads()
        .filter(HOLDS, user=user, content=content, quality=quality, options=options)
        .with_status()
    ),
    models.BigIntegerField(),
    models.UUIDField(),
    models.CharField(),
    models.CharField(),
)
_rendition: Final[Prepared[Any]] = Prepared(
    lambda pk: _rows("Rendition").filter(pk=pk).select_related("content"), models.UUIDField()
)
_wanting: Final[Prepared[Any]] = Prepared(
    lambda pk: _downloads().filter(WANTS, rendition=pk).order_by().select_related("user"),
    models.UUIDField(),
)
