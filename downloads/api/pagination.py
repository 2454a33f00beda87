"""Lists by cursor: ``{"next", "previous", "results"}``, steady while rows come and go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from downloads import conf
from downloads.api.errors import invalid
from downloads.schemas import (
    ContentPayload,
    CookiesPayload,
    DeliveryPayload,
    DownloadPayload,
    Payload,
    TransitionPayload,
    WebhookPayload,
)

PAGE_SIZE: Final = 50
BAD_CURSOR = "This cursor is invalid. Follow the links `next` and `previous` unchanged."


class DownloadPage(Payload):
    next: str | None
    previous: str | None
    results: list[DownloadPayload]


class ContentPage(Payload):
    next: str | None
    previous: str | None
    results: list[ContentPayload]


class TimelinePage(Payload):
    next: str | None
    previous: str | None
    results: list[TransitionPayload]


class CookiesPage(Payload):
    next: str | None
    previous: str | None
    results: list[CookiesPayload]


class WebhooksPage(Payload):
    next: str | None
    previous: str | None
    results: list[WebhookPayload]


class DeliveriesPage(Payload):
    next: str | None
    previous: str | None
    results: list[DeliveryPayload]


class ByTime(CursorPagination):
    """A paginator whose first name in ``ordering`` is a time."""

    page_size = PAGE_SIZE
    descending: bool

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return the cursor; raise a 400 for one that Ferry did not issue.

        REST framework would pass it to the database.
        """
        try:
            cursor = super().decode_cursor(request)
            if cursor is None or cursor.position is None:
                return cursor
            position: Any = str(self._position(cursor))  # a text, whatever the stubs say
            return cursor._replace(position=position)
        except (NotFound, ValueError, OverflowError):
            raise invalid("cursor", "invalid_cursor", BAD_CURSOR) from None

    def _position(self, cursor: Cursor) -> object:
        position = parse_datetime(str(cursor.position))
        if position is None or position.utcoffset() != dt.timedelta(0):
            raise ValueError(cursor.position)
        # SQLite compares times as texts, and its own Now() writes no microseconds: the row
        # "...14.123" is less than "...14.123000", itself, unless that is asked a little earlier
        if connection.vendor == "sqlite" and cursor.reverse != self.descending:
            position -= dt.timedelta(microseconds=1)
        return position


class NewestFirst(ByTime):
    ordering = ("-created_at", "-id")
    descending = True


@dataclass(frozen=True, slots=True)
class PreparedFirstPage:
    """Rows, the newest first, of which ``first`` reads as many as it is asked for: the first page.
    The others come of ``rows``. As much of a queryset as the paginator takes."""

    rows: Callable[[], QuerySet[Any]]
    first: Callable[[int], list[Any]]

    def order_by(self, *ordering: str) -> Any:
        return self if ordering == NewestFirst.ordering else self.rows().order_by(*ordering)

    def filter(self, **after: Any) -> QuerySet[Any]:
        return self.rows().order_by(*NewestFirst.ordering).filter(**after)

    def __getitem__(self, part: slice) -> Any:
        if part.start == 0:
            return self.first(part.stop)
        return self.rows().order_by(*NewestFirst.ordering)[part]


class OldestFirst(ByTime):
    ordering = ("at", "id")
    descending = False


class InOrder(ByTime):
    """A paginator of a playlist's entries, by their position instead of a time."""

    page_size = conf.PLAYLIST_PAGE
    ordering = ("position",)

    def _position(self, cursor: Cursor) -> object:
        position = int(str(cursor.position))
        if not 0 <= position <= conf.PLAYLIST_LONGEST * 2:
            raise ValueError(cursor.position)
        return position


def page(
    paginator: ByTime,
    request: Request,
    rows: QuerySet[Any] | PreparedFirstPage,
    payload: Callable[[Any], Payload],
    read: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> Response:
    """Return one page of ``rows`` as payloads. ``read``: what is done to the page's rows before."""
    asked: Any = rows
    found = read(paginator.paginate_queryset(asked, request) or [])
    return paginator.get_paginated_response([payload(row).wire() for row in found])
