"""``groups/``: the parents of what was chosen from playlists."""

from __future__ import annotations

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from downloads import services
from downloads.api.actions import ActionResult
from downloads.api.base import ApiViewSet, user_of
from downloads.api.errors import converted, first_item
from downloads.api.inputs import GroupAction, read
from downloads.api.pagination import CURSOR, NewestFirst
from downloads.schemas import DownloadPayload, Payload
from downloads.schemas.groups import GroupPayload
from downloads.services.group_progress import groups_of, progress_of_groups


class GroupPage(Payload):
    next: str | None
    previous: str | None
    results: list[GroupPayload]


class GroupActionResults(Payload):
    """``results``: of the downloads for which the action was meant, in the order of asking."""

    group: GroupPayload
    results: list[ActionResult]


class GroupViewSet(ApiViewSet):
    @extend_schema(parameters=[CURSOR], responses=GroupPage)
    def list(self, request: Request) -> Response:
        """The user's groups, newest first. Their downloads: `downloads/?group=`."""
        paginator = NewestFirst()
        found = paginator.paginate_queryset(groups_of(user_of(request)), request) or []
        now = progress_of_groups([group.pk for group in found])
        return paginator.get_paginated_response(
            [GroupPayload.of(group, now[group.pk]).wire() for group in found if group.pk in now]
        )

    @extend_schema(responses=GroupPayload)
    def retrieve(self, request: Request, pk: uuid.UUID) -> Response:
        return Response(_group(request, pk).wire())

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: uuid.UUID) -> Response:
        """End and delete every download of it."""
        services.delete_group(user_of(request), pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=GroupAction, responses=GroupActionResults)
    def act(self, request: Request, pk: uuid.UUID) -> Response:
        """Cancel, pause or resume what can be; retry what failed. The rest is left alone."""
        body = read(GroupAction, request.data)
        acted = services.act_on_group(user_of(request), pk, body.action)
        results = [_result(one) for one in acted]
        return Response(GroupActionResults(group=_group(request, pk), results=results).wire())


def _group(request: Request, pk: uuid.UUID) -> GroupPayload:
    group = groups_of(user_of(request)).get(pk=pk)
    return GroupPayload.of(group, progress_of_groups([pk])[pk])


def _result(acted: services.ActionOutcome) -> ActionResult:
    error = None
    if acted.error is not None:
        refusal = converted(acted.error)
        assert isinstance(refusal, APIException)
        error = first_item(refusal)
    download = None if acted.download is None else DownloadPayload.of(acted.download)
    return ActionResult(id=acted.download_id, download=download, error=error)
