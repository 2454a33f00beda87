"""Limits of guessing: passwords by name and address, passwords over many names, and new accounts.

django-axes keeps the failures, and locks a name for one address. That leaves a stranger who tries
one password on many names, each of which costs a quarter of a second of a core.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import SignUp

SIGN_UPS: Final = 5  # of one address
SIGN_UPS_WITHIN: Final = timedelta(hours=1)
HASHED_AT_ONCE: Final = max((os.cpu_count() or 2) // 2, 1)  # the other cores serve all others
HASHED_WITHIN: Final = 10.0  # seconds to wait for a turn

_turns = threading.BoundedSemaphore(HASHED_AT_ONCE)


def address_is_known() -> bool:
    """Return if a request's address is its client's. Behind a proxy that is not trusted it is the
    proxy's, and a limit would be for everyone at once."""
    return bool(settings.TRUSTED_PROXIES) or not settings.BEHIND_HTTPS_PROXY


class SignInHandler(AxesDatabaseHandler):
    """A handler that also locks an address with many failures over many names."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        return bool(super().is_locked(request, credentials)) or _is_spraying(request)


def _is_spraying(request: HttpRequest) -> bool:
    address = getattr(request, "axes_ip_address", None)
    if address is None or not address_is_known():
        return False
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    attempts = AccessAttempt.objects.filter(ip_address=address, attempt_time__gt=since)
    failures = attempts.aggregate(sum=Sum("failures_since_start"))["sum"] or 0
    return bool(failures >= settings.SIGN_IN_FAILURES_OF_ADDRESS)


class PasswordBackend(ModelBackend):
    """Django's check of a password, a few at a time: the others wait for their turn, and are
    refused without a hash if their address or name was locked meanwhile."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return the user. Raises PermissionDenied, so that no other backend hashes it again."""
        if request is None or username is None or password is None:
            return None
        with _turn(request) as has_waited:
            names = {"username": username}
            if has_waited and not AxesProxyHandler.is_allowed(request, names):
                request.axes_locked_out = True  # type: ignore[attr-defined]
                raise PermissionDenied
            user = super().authenticate(request, username, password, **kwargs)
        if user is None:
            raise PermissionDenied
        return user


@contextmanager
def _turn(request: HttpRequest) -> Iterator[bool]:
    """Hold a turn; the value tells if that took a wait. Raises PermissionDenied after too long a
    wait, which ``config.server.errors.locked_out`` answers."""
    has_waited = not _turns.acquire(blocking=False)
    if has_waited:
        if not connection.in_atomic_block:
            connection.close()  # a crowd that waits must not hold all connections
        if not _turns.acquire(timeout=HASHED_WITHIN):
            request.axes_locked_out = request.is_crowded = True  # type: ignore[attr-defined]
            raise PermissionDenied
    try:
        yield has_waited
    finally:
        _turns.release()


def may_sign_up(address: str | None) -> bool:
    """Note an account made from this address. Return False if there were many already."""
    if address is None or not address_is_known():
        return True
    since = timezone.now() - SIGN_UPS_WITHIN
    SignUp.objects.filter(created_at__lte=since).delete()
    if SignUp.objects.filter(address=address).count() >= SIGN_UPS:
        return False
    SignUp.objects.create(address=address)
    return True
