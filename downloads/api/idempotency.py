"""``Idempotency-Key`` (draft-ietf-httpapi-idempotency-key-header): one key, one answer."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.urls import reverse
from rest_framework.response import Response

from downloads.api.base import UserRequest
from downloads.api.errors import ApiError
from downloads.models import IdempotencyKey

LONGEST: Final = 255  # characters
BAD_KEY = f"An Idempotency-Key is 1 to {LONGEST} printable ASCII characters, such as a UUID."
REUSED = "This Idempotency-Key came with another request before. Use a new key for a new request."

Act = Callable[..., Response]


def idempotent(location: str = "") -> Callable[[Act], Act]:
    """Return a decorator that repeats the first response for a repeated key.

    ``location``: the name of the created object's route, for the Location header.
    """

    def decorate(act: Act) -> Act:
        @functools.wraps(act)
        def answered(view: Any, request: UserRequest, **place: Any) -> Response:
            if (key := request.headers.get("Idempotency-Key")) is None:
                response = act(view, request, **place)
            else:
                sent = [str(value) for value in place.values()]
                print_ = _fingerprint([*sent, request.data] if sent else request.data)
                response = _once(request, key, print_, lambda: act(view, request, **place))
            if location:
                response["Location"] = reverse(location, args=[response.data["id"]])
            return response

        return answered

    return decorate


def _fingerprint(data: Any) -> str:
    """Return a digest of the JSON that was sent, whatever its spaces and the order of its keys."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def _once(request: UserRequest, key: str, print_: str, act: Callable[[], Response]) -> Response:
    """Return the answer kept under this key, or the one that ``act`` gives now, which is saved.

    Only success is saved: if ``act`` raises, the same key may try again. Raises ApiError:
    400 for a key that cannot be kept, 422 for one that was used for something else.
    """
    if not (0 < len(key) <= LONGEST and key.isascii() and key.isprintable()):
        raise ApiError(400, "invalid_idempotency_key", BAD_KEY)
    answer = _kept(request, key, print_)
    if answer is not None:
        return answer
    try:
        with transaction.atomic():
            # the row first: a second request with this key waits here until we commit
            row = IdempotencyKey.objects.create(
                user=request.user, key=key, fingerprint=print_, status=0, answer=[]
            )
            response = act()
            # pairs: PostgreSQL's jsonb forgets the order of an object's keys
            row.status, row.answer = response.status_code, list(response.data.items())
            row.save(update_fields=["status", "answer"])
            return response
    except IntegrityError:
        answer = _kept(request, key, print_)
        if answer is None:
            raise
        return answer


def _kept(request: UserRequest, key: str, print_: str) -> Response | None:
    row = IdempotencyKey.objects.filter(user=request.user, key=key).first()
    if row is None:
        return None
    if row.fingerprint != print_:
        raise ApiError(422, "idempotency_key_reused", REUSED)
    return Response(dict(row.answer), row.status)
