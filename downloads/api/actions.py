"""The actions cancel, pause, resume and retry, on one download or on many."""

from __future__ import annotations

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException, NotFound
from rest_framework.response import Response

from downloads import services
from downloads.api.base import ApiView, ApiViewSet, UserRequest
from downloads.api.downloads import conflict
from downloads.api.errors import NOT_FOUND, ErrorItem, converted, first_item
from downloads.api.serializers import Actions
from downloads.schemas import DownloadPayload, Payload

ANSWERS = {
    200: DownloadPayload,
    409: conflict("`invalid_state`: not allowed from the download's status"),
}


class DownloadActionViewSet(ApiViewSet):
    """Actions on one download. One whose result is already reached answers 200."""

    @extend_schema(request=None, responses=ANSWERS)
    def cancel(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """Cancel a queued, running or paused download."""
        return Response(DownloadPayload.of(services.cancel(request.user, pk)).wire())

    @extend_schema(request=None, responses=ANSWERS)
    def pause(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """Pause a queued or running download. The bytes that have arrived are kept."""
        return Response(DownloadPayload.of(services.pause(request.user, pk)).wire())

    @extend_schema(request=None, responses=ANSWERS)
    def resume(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """Resume a paused download from the bytes it has."""
        return Response(DownloadPayload.of(services.resume(request.user, pk)).wire())

    @extend_schema(request=None, responses=ANSWERS)
    def retry(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """Fetch a failed, cancelled or expired download again."""
        return Response(DownloadPayload.of(services.retry(request.user, pk)).wire())


class ActionResult(Payload):
    """One result. ``download`` as it is now; null if deleted, or if there is an ``error``."""

    id: uuid.UUID
    download: DownloadPayload | None
    error: ErrorItem | None


class ActionResults(Payload):
    results: list[ActionResult]


class ActionsView(ApiView):
    @extend_schema(operation_id="downloads_actions", request=Actions, responses=ActionResults)
    def post(self, request: UserRequest) -> Response:
        """Apply one action to many downloads, each by itself: in the order sent, each id once.

        Files that cancelled and deleted ones leave are freed within a minute."""
        body = Actions(data=request.data)
        body.is_valid(raise_exception=True)
        action, ids = body.validated_data["action"], dict.fromkeys(body.validated_data["ids"])
        if action == "delete":
            deleted = services.delete_many(request.user, ids)
            results = [_deleted(pk) if pk in deleted else _missing(pk) for pk in ids]
        else:
            acted = services.act_on_many(request.user, ids, action)
            found = {each.download_id: result_of(each) for each in acted}
            results = [found.get(pk) or _missing(pk) for pk in ids]
        return Response(ActionResults(results=results).wire())


def _deleted(pk: uuid.UUID) -> ActionResult:
    return ActionResult(id=pk, download=None, error=None)


def _missing(pk: uuid.UUID) -> ActionResult:
    return ActionResult(id=pk, download=None, error=first_item(NotFound(NOT_FOUND)))


def result_of(outcome: services.ActionOutcome) -> ActionResult:
    error = None
    if outcome.error is not None:
        refusal = converted(outcome.error)
        assert isinstance(refusal, APIException)
        error = first_item(refusal)
    download = None if outcome.download is None else DownloadPayload.of(outcome.download)
    return ActionResult(id=outcome.download_id, download=download, error=error)
