"""The cookies that a user keeps for a site. What is in them goes in here, and never out."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.db.models.functions import Now

from downloads.engine.egress.cookies import Cookie, dump, unexpired
from downloads.models import SiteCookies
from downloads.network.credentials import PURPOSE
from downloads.network.encryption import encrypt
from downloads.services import cookie_formats

if TYPE_CHECKING:
    from accounts.models import User

NAMES_SHOWN = 50


class BadCookies(ValueError):
    """What was given cannot be kept. The text is a sentence for a person, and tells no value.
    ``attr``: what of it is wrong, ``text`` or ``site``."""

    @property
    def attr(self) -> str:
        return "site" if str(self) == cookie_formats.NO_SITE else "text"


@dataclass(frozen=True, slots=True)
class KeptCookies:
    """``created`` is False where they took the place of older ones. ``left_out``: how many were
    of other sites."""

    row: SiteCookies
    created: bool
    left_out: int


def own_cookies(user: User) -> QuerySet[SiteCookies]:
    return SiteCookies.objects.filter(user=user)


def keep_cookies(user: User, text: str, *, site: str = "") -> KeptCookies:
    """Netscape text, an export in JSON, or a Cookie header; in the place of what was kept for
    this site before. Raises BadCookies."""
    try:
        named, cookies, left_out = cookie_formats.read(text, site)
    except ValueError as error:
        raise BadCookies(str(error)) from None
    current = unexpired(cookies)
    if not current:
        raise BadCookies(
            f"All of these have run out. Sign in at {named} in a browser and export them again."
        )
    row, created = SiteCookies.objects.update_or_create(
        user=user, site=named, defaults=_facts(cookies, current)
    )
    row.refresh_from_db()
    return KeptCookies(row, created, left_out)


def delete_cookies(user: User, pk: uuid.UUID) -> None:
    """Raises SiteCookies.DoesNotExist. What was fetched with them stays its owner's alone."""
    own_cookies(user).get(pk=pk).delete()


def _facts(cookies: tuple[Cookie, ...], current: tuple[Cookie, ...]) -> dict[str, object]:
    ends_at = cookie_formats.login_ends_at(cookies)
    return {
        "ciphertext": encrypt(dump(current), PURPOSE),
        "count": len(current),
        "names": [cookie.name[:100] for cookie in current[:NAMES_SHOWN]],
        "expires_at": None if ends_at is None else _moment(ends_at),
        "refused_at": None,
        "updated_at": Now(),
    }


def _moment(seconds: int) -> dt.datetime:
    """Browsers write years that no calendar has."""
    latest = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)
    try:
        return min(dt.datetime.fromtimestamp(seconds, dt.UTC), latest)
    except (OverflowError, ValueError, OSError):
        return latest
