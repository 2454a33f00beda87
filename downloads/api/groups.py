"""``groups/``: downloads chosen from playlists, grouped."""

from __future__ import annotations

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from downloads import services
from downloads.api.actions import ActionResult, result_of
from downloads.api.base import ApiViewSet, UserRequest
from downloads.api.pagination import NewestFirst
from downloads.api.serializers import GroupAction, PageQuery
from downloads.models import DownloadGroup
from downloads.schemas import Payload
from downloads.schemas.groups import GroupPayload
from downloads.services.group_progress import groups_of, progress_of_groups


class GroupPage(Payload):
    next: str | None
    previous: str | None
    results: list[GroupPayload]


class GroupActionResults(Payload):
    """The group and the ``results`` of the downloads that the action applies to, oldest first."""

    group: GroupPayload
    results: list[ActionResult]


class GroupViewSet(ApiViewSet):
    queries = {"list": PageQuery}

    @extend_schema(responses=GroupPage)
    def list(self, request: UserRequest) -> Response:
        """List the user's groups, newest first. Their downloads: `downloads/?group=`."""
        paginator = NewestFirst()
        found = paginator.paginate_queryset(groups_of(request.user), request) or []
        now = progress_of_groups([group.pk for group in found])
        return paginator.get_paginated_response(
            [GroupPayload.of(group, now[group.pk]).wire() for group in found if group.pk in now]
        )

    @extend_schema(responses=GroupPayload)
    def retrieve(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """Return one group with its progress."""
        return Response(_group(request, pk).wire())

    @extend_schema(responses={204: None})
    def destroy(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """Delete all its downloads, ended if they run."""
        services.delete_group(request.user, pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=GroupAction, responses=GroupActionResults)
    def act(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """Apply the action to each download whose status allows it; retry: to failed ones only."""
        body = GroupAction(data=request.data)
        body.is_valid(raise_exception=True)
        acted = services.act_on_group(request.user, pk, body.validated_data["action"])
        results = [result_of(one) for one in acted]
        return Response(GroupActionResults(group=_group(request, pk), results=results).wire())


def _group(request: UserRequest, pk: uuid.UUID) -> GroupPayload:
    """Return the group. Raises DownloadGroup.DoesNotExist, also if it was emptied just now."""
    group = groups_of(request.user).get(pk=pk)
    now = progress_of_groups([pk]).get(pk)
    if now is None:
        raise DownloadGroup.DoesNotExist
    return GroupPayload.of(group, now)
