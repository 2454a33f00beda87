"""The file of a download, its subtitles, signed links to it, and its timeline."""

from __future__ import annotations

import datetime as dt
import uuid
from functools import partial

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from downloads.api.base import ApiView, UserRequest
from downloads.api.downloads import conflict
from downloads.api.errors import ApiError
from downloads.api.lost_files import serve_beside, serve_file
from downloads.api.pagination import OldestFirst, TimelinePage, page
from downloads.api.serializers import NewLink, PageQuery
from downloads.delivery import links
from downloads.delivery.responses import subtitle_of
from downloads.models import Download, Transition
from downloads.querysets import in_timeline_of
from downloads.schemas import Payload, SubtitlePayload, TransitionPayload, filename_of

NOT_READY = "The file is not there yet: the download is {}. Ask again once it is completed."
NO_SUBTITLE = "There are no subtitles in this language. The download's `subtitles` lists them."
EXPIRED = "The file has expired and is gone. Retry the download to fetch it again."

UNCHANGED = OpenApiResponse(description="Not changed since the ETag or the time sent.")
CHANGED = OpenApiResponse(description="Changed since the ETag or the time in If-Match.")
MISSING = {410: conflict("`expired`"), 409: conflict("`not_ready`")}


def completed(request: UserRequest, pk: uuid.UUID) -> Download:
    """Return the user's download. Raises ApiError: 410 if expired, 409 if not completed."""
    download: Download = Download.objects.get_own(request.user, pk)
    status: str = download.status  # type: ignore[attr-defined]
    if status == Download.Status.EXPIRED:
        raise ApiError(410, "expired", download.lost or EXPIRED)
    if status != Download.Status.COMPLETED:
        raise ApiError(409, "not_ready", NOT_READY.format(status))
    return download


class FileView(ApiView):
    queries = {"get": None}  # a player may add its own

    @extend_schema(
        parameters=[
            OpenApiParameter("inline", enum=["1"], description="To play it instead of saving it."),
            OpenApiParameter("Range", location=OpenApiParameter.HEADER, description="One range."),
        ],
        responses={
            # of the file's own type, and of this one if it is none that Ferry vouches for
            **{
                (status, kind): OpenApiTypes.BINARY
                for status in (200, 206)
                for kind in ("application/octet-stream", "*/*")
            },
            302: OpenApiResponse(description="To the object storage."),
            304: UNCHANGED,
            412: CHANGED,
            416: OpenApiResponse(description="No such range."),
            **MISSING,
        },
    )
    def get(self, request: UserRequest, pk: uuid.UUID) -> HttpResponseBase:
        """Send the file, with Range, HEAD, ETag, If-Range and If-None-Match."""
        download = completed(request, pk)
        inline = request.query_params.get("inline") == "1"
        return serve_file(request._request, download, inline=inline)


class SubtitlesView(ApiView):
    queries = {"get": None}

    @extend_schema(
        operation_id="downloads_subtitles",
        responses={
            (200, "text/vtt"): OpenApiTypes.BINARY,
            304: UNCHANGED,
            412: CHANGED,
            404: conflict("`not_found`: none in this language"),
            **MISSING,
        },
    )
    def get(self, request: UserRequest, pk: uuid.UUID, language: str) -> HttpResponseBase:
        """Send the subtitles of one language as WebVTT, with HEAD and ETag."""
        download = completed(request, pk)
        subtitle = subtitle_of(download, language)
        if subtitle is None:
            raise NotFound(NO_SUBTITLE)
        return serve_beside(request._request, download, subtitle)


class LinkPayload(Payload):
    """A signed link. ``subtitles``: those beside the file, with signed URLs of the same expiry."""

    url: str
    expires_at: dt.datetime
    subtitles: list[SubtitlePayload]


class LinkView(ApiView):
    @extend_schema(request=NewLink, responses={200: LinkPayload, **MISSING})
    def post(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """Return a URL that gives the file without login until it expires, at the latest with the
        file."""
        body = NewLink(data=request.data)
        body.is_valid(raise_exception=True)
        download, lasts = completed(request, pk), body.validated_data["expiresInSeconds"]
        until = download.expires_at
        link = links.sign(pk, lasts, filename=filename_of(download), until=until)
        whole = request.build_absolute_uri
        beside = [
            each.model_copy(update={"url": whole(link.subtitle_path(each.language))})
            for each in SubtitlePayload.all_of(download)
        ]
        url = whole(link.path)
        return Response(LinkPayload(url=url, expires_at=link.expires_at, subtitles=beside).wire())


class TimelineView(ApiView):
    queries = {"get": PageQuery}

    @extend_schema(operation_id="downloads_events", responses=TimelinePage)
    def get(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """List all transitions, oldest first: its own, and those of its shared file since
        it was requested."""
        user = request.user
        download = Download.objects.of(user).get(pk=pk)
        transitions = Transition.objects.filter(in_timeline_of(download))
        return page(
            OldestFirst(),
            request,
            transitions,
            partial(TransitionPayload.of, for_staff=user.is_staff),
        )
