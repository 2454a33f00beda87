"""``content/{id}/entries/``, ``more/``, ``downloads/``: list a playlist, download from it."""

from __future__ import annotations

import uuid

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from downloads import conf, services
from downloads.api.base import ApiView, UserRequest
from downloads.api.downloads import KEY, conflict
from downloads.api.errors import ErrorItem, converted, first_item, invalid
from downloads.api.idempotency import idempotent
from downloads.api.pagination import InOrder
from downloads.api.serializers import EntryChoice, PageQuery
from downloads.models import Content, Download, PlaylistEntry
from downloads.schemas import ContentPayload, DownloadPayload, Payload
from downloads.schemas.groups import EntryPayload, GroupPayload
from downloads.services.group_progress import progress_of_groups
from downloads.services.playlist_entries import live_downloads

TOO_MANY = (
    f"This playlist has more than {conf.MAX_ACTIONS} entries. Send the ids of those that you "
    f"want, at most {conf.MAX_ACTIONS} at once."
)
NO_ENTRY = "There is no such entry in this playlist. Read its entries again."


class EntryPage(Payload):
    next: str | None
    previous: str | None
    results: list[EntryPayload]


class ChosenEntry(Payload):
    """One result. ``created`` is false if the user already had it; ``error``: why there is none."""

    entry_id: uuid.UUID
    download: DownloadPayload | None
    created: bool
    error: ErrorItem | None


class ChosenEntries(Payload):
    """The results by entry. ``group`` is null if no entry has a download."""

    group: GroupPayload | None
    results: list[ChosenEntry]


class EntriesView(ApiView):
    queries = {"get": PageQuery}

    @extend_schema(
        operation_id="content_entries",
        responses={200: EntryPage, 409: conflict("`invalid_state`: it is no playlist")},
    )
    def get(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """List the known entries of a playlist in its own order, 200 a page."""
        content = _playlist(request, pk)
        paginator = InOrder()
        rows = PlaylistEntry.objects.filter(content=content)
        found = paginator.paginate_queryset(rows, request) or []
        here = live_downloads(request.user, found)
        return paginator.get_paginated_response(
            [EntryPayload.of(entry, _pk(here.get(entry.id))).wire() for entry in found]
        )


class MoreView(ApiView):
    @extend_schema(
        operation_id="content_more",
        request=None,
        responses={200: ContentPayload, 409: conflict("`invalid_state`: it is no playlist")},
    )
    def post(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """Load 200 more entries from the source; `probeStatus` is `pending` until then."""
        user = request.user
        services.read_on(services.content_visible_to(user, pk))
        return Response(ContentPayload.of(services.content_visible_to(user, pk)).wire())


class ChooseView(ApiView):
    @extend_schema(
        operation_id="content_downloads",
        parameters=[KEY],
        request=EntryChoice,
        responses={
            201: ChosenEntries,
            200: OpenApiResponse(ChosenEntries, description="Nothing new came of it."),
            409: conflict("`invalid_state`: it is no playlist"),
            422: conflict("`idempotency_key_reused`"),
        },
    )
    @idempotent()
    def post(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """Request a download of each chosen entry, in one group. Each entry has its own result: an
        error of one does not hold up the others."""
        content = _playlist(request, pk)
        choice = EntryChoice(data=request.data)
        choice.is_valid(raise_exception=True)
        wanted = choice.validated_data
        chosen = services.request_entries(
            request.user,
            content,
            _all(content) if wanted["all"] else wanted["entries"],
            quality=wanted["quality"],
            expires_in_days=wanted.get("expiresInDays"),
            options=wanted.get("options"),
        )
        group = None
        if chosen.group is not None:
            now = progress_of_groups([chosen.group.pk])[chosen.group.pk]
            group = GroupPayload.of(chosen.group, now)
        results = [_result(result) for result in chosen.results]
        code = status.HTTP_201_CREATED if chosen.created else status.HTTP_200_OK
        return Response(ChosenEntries(group=group, results=results).wire(), code)


def _pk(download: Download | None) -> uuid.UUID | None:
    return None if download is None else download.pk


def _playlist(request: UserRequest, pk: uuid.UUID) -> Content:
    content = services.content_visible_to(request.user, pk)
    if content.kind != Content.Kind.PLAYLIST:
        raise services.InvalidState(services.NO_PLAYLIST)
    return content


def _all(content: Content) -> list[uuid.UUID]:
    rows = PlaylistEntry.objects.filter(content=content).values_list("id", flat=True)
    found = list(rows[: conf.MAX_ACTIONS + 1])
    if len(found) > conf.MAX_ACTIONS:
        raise invalid("all", "too_many", TOO_MANY)
    return found


def _result(entry: services.EntryResult) -> ChosenEntry:
    error = None
    if entry.error is not None:
        refusal = converted(entry.error)
        assert isinstance(refusal, APIException)
        error = first_item(refusal)
    elif entry.download is None:
        error = ErrorItem(code="not_found", detail=NO_ENTRY, attr=None)
    download = None if entry.download is None else DownloadPayload.of(entry.download)
    return ChosenEntry(
        entry_id=entry.entry_id, download=download, created=entry.created, error=error
    )
