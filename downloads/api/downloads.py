"""``downloads/``: request, list, read, change and delete downloads."""

from __future__ import annotations

import uuid

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from accounts.models import User
from downloads import services
from downloads.api.base import ApiViewSet, UserRequest
from downloads.api.errors import ErrorPayload, invalid, not_found
from downloads.api.idempotency import idempotent
from downloads.api.pagination import DownloadPage, NewestFirst, PreparedFirstPage, page
from downloads.api.serializers import DownloadChange, DownloadSearch, NewDownload
from downloads.engine.core.errors import UnsupportedURL
from downloads.line import in_line
from downloads.models import Content, Download
from downloads.querysets import OFFERS, DownloadQuerySet, newest
from downloads.schemas import DownloadPayload
from downloads.search.matching import matching

STAFF_ONLY = "Only staff may set a priority. Leave it out, or ask an administrator."
NO_CONTENT = "There is no such content, or it is not shared with you. Paste its url instead."

KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description="The same key gives the same answer, and one download, however often it is sent.",
)


def conflict(when: str) -> OpenApiResponse:
    """Return the schema of an error response with this description."""
    return OpenApiResponse(ErrorPayload, description=when)


class DownloadViewSet(ApiViewSet):
    queries = {"list": DownloadSearch}

    @extend_schema(responses=DownloadPage)
    def list(self, request: UserRequest) -> Response:
        """List the user's downloads, newest first."""
        query, user = self.query, request.user
        tab = query.get("tab")
        whole = PreparedFirstPage(
            rows=lambda: self._rows(user),
            first=lambda count: newest(user, tab, count, offers=False),
        )
        is_whole = not query["search"] and "group" not in query
        rows = whole if is_whole else self._rows(user)
        return page(NewestFirst(), request, rows, DownloadPayload.of, read=in_line)

    def _rows(self, user: User) -> DownloadQuerySet:
        query, rows = self.query, Download.objects.of(user)
        if "tab" in query:
            rows = rows.in_tab(query["tab"])
        if "group" in query:
            rows = rows.filter(group=query["group"])
        offers = (f"content__{name}" for name in OFFERS)
        return matching(rows, user, query["search"]).defer(*offers)

    @extend_schema(
        parameters=[KEY],
        request=NewDownload,
        responses={
            201: DownloadPayload,
            200: OpenApiResponse(DownloadPayload, description="You already have it: this one."),
            404: conflict("`not_found`: no such content, or not yours"),
            409: conflict("`quota_exceeded`"),
            422: conflict("`idempotency_key_reused`"),
        },
    )
    @idempotent(location="api:download")
    def create(self, request: UserRequest) -> Response:
        """Request a download. If the user already has a live one, it is returned with 200."""
        body = NewDownload(data=request.data)
        body.is_valid(raise_exception=True)
        wanted, content = body.validated_data, None
        if wanted.get("contentId") is not None:
            try:
                content = services.content_visible_to(request.user, wanted["contentId"])
            except Content.DoesNotExist:
                raise not_found("contentId", NO_CONTENT) from None
        try:
            requested = services.request(
                request.user,
                content=content,
                url=wanted.get("url") or "",
                quality=wanted["quality"],
                expires_in_days=wanted.get("expiresInDays"),
                options=wanted.get("options"),
            )
        except UnsupportedURL as error:
            attr = "url" if content is None else "contentId"
            raise invalid(attr, error.code, error.message) from None
        code = status.HTTP_201_CREATED if requested.created else status.HTTP_200_OK
        return Response(DownloadPayload.of(requested.download).wire(), code)

    @extend_schema(responses=DownloadPayload)
    def retrieve(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """Return one download of the user's."""
        return Response(DownloadPayload.of(services.own_in_line(request.user, pk)).wire())

    @extend_schema(responses={204: None})
    def destroy(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """Delete the download, ended if it runs; the file too, unless another user holds it."""
        services.delete(request.user, pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        request=DownloadChange,
        responses={
            200: DownloadPayload,
            403: conflict("`permission_denied`: only staff set a priority"),
            409: conflict("`invalid_state`: it is gone already"),
        },
    )
    def partial_update(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """Set its expiry, null for none; staff may set its priority."""
        download = Download.objects.get_own(request.user, pk)  # 404 before 403
        change = DownloadChange(data=request.data)
        change.is_valid(raise_exception=True)
        changes = change.validated_data
        with transaction.atomic():
            if "priority" in changes:
                if not request.user.is_staff:
                    raise PermissionDenied(STAFF_ONLY)
                download = services.set_priority(request.user, pk, changes["priority"])
            if "expiresAt" in changes:
                download = services.keep_until(request.user, pk, changes["expiresAt"])
        return Response(DownloadPayload.of(download).wire())
