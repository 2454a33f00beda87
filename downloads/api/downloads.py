"""``downloads/``: ask for one, list them, look at one, keep it, delete it."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from downloads import services
from downloads.api import idempotency
from downloads.api.base import ApiViewSet, user_of
from downloads.api.errors import ErrorPayload, not_found
from downloads.api.inputs import DownloadChange, DownloadQuery, NewDownload, read, read_query
from downloads.api.pagination import CURSOR, DownloadPage, NewestFirst, page
from downloads.models import Content, Download
from downloads.querysets import TABS
from downloads.schemas import DownloadPayload

STAFF_ONLY = "Only staff may set a priority. Leave it out, or ask an administrator."
NO_CONTENT = "There is no such content, or it is not shared with you. Paste its url instead."

KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description="The same key gives the same answer, and one download, however often it is sent.",
)
TAB = OpenApiParameter(
    "tab", enum=list(TABS), description="active: queued, running, paused; else all of them."
)
GROUP = OpenApiParameter(
    "group", OpenApiTypes.UUID, description="Only those chosen from this playlist, see `groups/`."
)
SEARCH = OpenApiParameter("search", description="Words of the title or parts of the URL.")


def conflict(when: str) -> OpenApiResponse:
    return OpenApiResponse(ErrorPayload, description=when)


class DownloadViewSet(ApiViewSet):
    @extend_schema(parameters=[TAB, GROUP, SEARCH, CURSOR], responses=DownloadPage)
    def list(self, request: Request) -> Response:
        """The user's downloads, newest first."""
        query = read_query(DownloadQuery, request.query_params)
        rows = Download.objects.of(user_of(request)).with_status(in_line=True)
        if query.tab is not None:
            rows = rows.in_tab(query.tab)
        if query.group is not None:
            rows = rows.filter(group=query.group)
        return page(NewestFirst(), request, rows.matching(query.search), DownloadPayload.of)

    @extend_schema(
        parameters=[KEY],
        request=NewDownload,
        responses={
            201: DownloadPayload,
            200: OpenApiResponse(DownloadPayload, description="You already have it: this one."),
            409: conflict("`quota_exceeded`"),
            422: conflict("`idempotency_key_reused`"),
        },
    )
    def create(self, request: Request) -> Response:
        """Ask for a download. One that the user already has live is answered with 200."""
        new_download, user = read(NewDownload, request.data), user_of(request)
        key = idempotency.key_of(request)
        if key is None:
            answer = _request(request, new_download)
        else:
            print_ = idempotency.fingerprint(request.data)
            answer = idempotency.once(user, key, print_, lambda: _request(request, new_download))
        location = reverse("api:download", args=[answer.body["id"]])
        return Response(answer.body, answer.status, headers={"Location": location})

    @extend_schema(responses=DownloadPayload)
    def retrieve(self, request: Request, pk: uuid.UUID) -> Response:
        return Response(DownloadPayload.of(Download.objects.get_own(user_of(request), pk)).wire())

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: uuid.UUID) -> Response:
        """End it if it runs, and free the bytes when nobody else holds them."""
        services.delete(user_of(request), pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        request=DownloadChange,
        responses={
            200: DownloadPayload,
            403: conflict("`permission_denied`: only staff set a priority"),
            409: conflict("`invalid_state`: it is gone already"),
        },
    )
    def partial_update(self, request: Request, pk: uuid.UUID) -> Response:
        """Keep it until then, or for good; staff: let it run earlier or later."""
        user = user_of(request)
        download = Download.objects.get_own(user, pk)  # 404 before 403
        change = read(DownloadChange, request.data)
        with transaction.atomic():
            if "priority" in change.model_fields_set:
                if not user.is_staff:
                    raise PermissionDenied(STAFF_ONLY)
                download = services.set_priority(user, pk, change.priority)
            if "expires_at" in change.model_fields_set:
                download = services.keep_until(user, pk, change.expires_at)
        return Response(DownloadPayload.of(download).wire())


def _request(request: Request, new_download: NewDownload) -> idempotency.RecordedResponse:
    user = user_of(request)
    requested = services.request(
        user,
        content=None
        if new_download.content_id is None
        else _content(request, new_download.content_id),
        url=new_download.url or "",
        quality=new_download.quality,
        expires_in_days=new_download.expires_in_days,
        options=new_download.requested,
    )
    code = status.HTTP_201_CREATED if requested.created else status.HTTP_200_OK
    return idempotency.RecordedResponse(code, DownloadPayload.of(requested.download).wire())


def _content(request: Request, pk: uuid.UUID) -> Content:
    try:
        return services.content_visible_to(user_of(request), pk)
    except Content.DoesNotExist:
        raise not_found("contentId", NO_CONTENT) from None
