"""The list's rows: a download, or a group at the place of its newest download in that tab."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Final

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q, Window
from django.db.models.functions import RowNumber

from downloads.models import Download, DownloadGroup
from downloads.querysets import TABS, DownloadQuerySet
from downloads.schemas.groups import GroupPayload
from downloads.schemas.paths import picture_url
from downloads.services.group_progress import progress_of_groups
from downloads.web.cards.download import Card, is_shown
from downloads.web.cards.group import GroupCard, group_card

SHOWN: Final = 50  # cards of an open group; a page of its own has the rest

ToCard = Callable[[Download], Card]


def folded(downloads: DownloadQuerySet, tab: DownloadQuerySet) -> DownloadQuerySet:
    """Return only the newest of each group. ``tab``: one tab of one user's, without joins;
    ``downloads``: the same, as they are wanted."""
    newest = Window(
        RowNumber(), partition_by="group", order_by=[F("created_at").desc(), F("id").desc()]
    )
    grouped = tab.filter(group__isnull=False).order_by()  # those alone are read and sorted
    first = grouped.annotate(place_in_group=newest).filter(place_in_group=1)
    return downloads.filter(Q(group=None) | Q(pk__in=first.values("pk")))


def number_folded_away(tab: DownloadQuerySet) -> int:
    """Return how many are not in :func:`folded`."""
    grouped = tab.filter(group__isnull=False).order_by()
    found = grouped.aggregate(rows=Count("pk"), groups=Count("group", distinct=True))
    return int(found["rows"] - found["groups"])


def rows_of(
    page: Iterable[Download],
    tab: DownloadQuerySet,
    tab_name: str,
    opened: uuid.UUID | None,
    to_card: ToCard,
) -> list[Card | GroupCard]:
    """Return the rows of a page.

    ``page``: as :func:`folded`; ``tab``: all of the tab, for the cards of the ``opened`` group.
    """
    heads = list(page)
    pks = {head.group_id for head in heads if head.group_id is not None}
    now = progress_of_groups(pks) if pks else {}
    groups = DownloadGroup.objects.select_related("source").in_bulk(list(pks)) if pks else {}
    rows: list[Card | GroupCard] = []
    for head in heads:
        group = None if head.group_id is None else groups.get(head.group_id)
        progress = None if group is None else now.get(group.pk)  # all deleted since the first query
        if group is None or progress is None or progress.count == 1:
            rows.append(to_card(head))
            continue
        inside = _cards(tab, group.pk, to_card) if group.pk == opened else None
        rows.append(
            group_card(
                GroupPayload.of(group, progress),
                progress,
                in_tab=sum(progress.counts.get(status, 0) for status in TABS[tab_name]),
                cards=inside,
                picture=_picture(group),
            )
        )
    return rows


def _cards(tab: DownloadQuerySet, group: uuid.UUID, to_card: ToCard) -> tuple[Card, ...]:
    """Return up to SHOWN cards of a group: running ones first, then in the playlist's order."""
    rests = ExpressionWrapper(Q(rendition__lease_token=None), output_field=BooleanField())
    inside = tab.filter(group=group).order_by(rests, "created_at", "id")
    return tuple(to_card(one) for one in inside[:SHOWN])


def _picture(group: DownloadGroup) -> str:
    url = picture_url(group.source.thumbnail_url) if group.source else ""
    return url if is_shown(url) else ""
