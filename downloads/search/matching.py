"""The downloads that a search finds: by reading the newest first, or by the index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import Case, Count, IntegerField, Sum, Value, When

from downloads.querysets import SHOWN_TITLE, DownloadQuerySet, has_words
from downloads.search import index

if TYPE_CHECKING:
    from accounts.models import User

READ: Final = 300  # newest rows that are looked at first
OFTEN: Final = 3  # hits among them; from here on a page is full after a few thousand rows
INDEXED: Final = 5000  # hits of all users that are looked up for one


def matching(rows: DownloadQuerySet, user: User, search: str) -> DownloadQuerySet:
    """Return the ``rows``, which are this user's, with all words in the title or the URL, in any
    order; ``with_status()``.

    A word that many have is found by reading the rows, the newest first; one that few have by the
    index, which knows no users and would read all that have the former.
    """
    found = rows.with_status().filter(has_words(search))
    # of several words the longest is the rarest, mostly
    words = [word for word in sorted(search.split(), key=len, reverse=True) if len(word) >= 3]
    if not words or not _is_rare(rows, search):
        return found
    for word in words:
        if index.indexes(word):
            ids = index.own_with(word, user.pk, INDEXED)
            if ids is not None:
                return found.filter(pk__in=ids)
    return found


def _is_rare(rows: DownloadQuerySet, search: str) -> bool:
    """Return True if reading the rows would go on for long: there are many, and the newest have
    few hits."""
    hit = Case(When(has_words(search), then=Value(1)), default=0, output_field=IntegerField())
    newest = rows.order_by("-created_at", "-id").annotate(shown_title=SHOWN_TITLE, hit=hit)
    read = newest.values("pk", "hit")[:READ].aggregate(rows=Count("pk"), hits=Sum("hit"))
    return bool(read["rows"] == READ and read["hits"] < OFTEN)
