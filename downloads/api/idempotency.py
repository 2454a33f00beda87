"""``Idempotency-Key`` (draft-ietf-httpapi-idempotency-key-header): one key, one answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from rest_framework.request import Request

from downloads.api.errors import ApiError
from downloads.models import IdempotencyKey

if TYPE_CHECKING:
    from accounts.models import User

LONGEST: Final = 255  # characters
BAD_KEY = f"An Idempotency-Key is 1 to {LONGEST} printable ASCII characters, such as a UUID."
REUSED = "This Idempotency-Key came with another request before. Use a new key for a new request."


@dataclass(frozen=True, slots=True)
class RecordedResponse:
    status: int
    body: dict[str, object]


def key_of(request: Request) -> str | None:
    """Raises ApiError (400) for a key that could not be kept."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not (0 < len(key) <= LONGEST and key.isascii() and key.isprintable()):
        raise ApiError(400, "invalid_idempotency_key", BAD_KEY)
    return key


def fingerprint(data: Any) -> str:
    """Of the JSON that was sent, whatever its spaces and the order of its keys."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def once(
    user: User, key: str, print_: str, act: Callable[[], RecordedResponse]
) -> RecordedResponse:
    """The answer kept under this key, or the one that ``act`` gives now, which is kept.

    Only what was done is kept: where ``act`` raises, the same key may try again.
    Raises ApiError (422) where the key was used for something else.
    """
    kept = _kept(user, key, print_)
    if kept is not None:
        return kept
    try:
        with transaction.atomic():
            # the row first: a second request with this key waits here until we commit
            row = IdempotencyKey.objects.create(
                user=user, key=key, fingerprint=print_, status=0, answer=[]
            )
            answer = act()
            # pairs: PostgreSQL's jsonb forgets the order of an object's keys
            row.status, row.answer = answer.status, list(answer.body.items())
            row.save(update_fields=["status", "answer"])
            return answer
    except IntegrityError:
        kept = _kept(user, key, print_)
        if kept is None:
            raise
        return kept


def _kept(user: User, key: str, print_: str) -> RecordedResponse | None:
    row = IdempotencyKey.objects.filter(user=user, key=key).first()
    if row is None:
        return None
    if row.fingerprint != print_:
        raise ApiError(422, "idempotency_key_reused", REUSED)
    return RecordedResponse(row.status, dict(row.answer))
