"""The cookies that a user keeps for a site. Their values go in here, and never out."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.db.models.functions import Now

from downloads.engine.egress.cookies import Cookie, Skipped, dump, unexpired
from downloads.models import SiteCookies
from downloads.network.credentials import context_of
from downloads.network.encryption import encrypt
from downloads.services import cookie_formats

if TYPE_CHECKING:
    from accounts.models import User

NAMES_SHOWN = 50
SKIPPED_SHOWN = 5


class BadCookies(ValueError):
    """The text cannot be kept. The message is a sentence for a person, and holds no value.
    ``attr``: the wrong field, ``text`` or ``site``."""

    @property
    def attr(self) -> str:
        return "site" if str(self).endswith(cookie_formats.NO_SITE) else "text"


@dataclass(frozen=True, slots=True)
class KeptCookies:
    """The result of keeping cookies. ``created`` is False if they replaced older ones.

    ``left_out``: the number of those of other sites; ``expired``: of expired ones; ``skipped``: the
    invalid entries.
    """

    row: SiteCookies
    created: bool
    left_out: int = 0
    expired: int = 0
    skipped: tuple[Skipped, ...] = ()

    @property
    def note(self) -> str:
        """Return what of the text is not kept, and why; empty if all of it is."""
        sentences = []
        if self.left_out:
            sentences.append(f"Left out because they belong to other sites: {self.left_out}.")
        if self.expired:
            sentences.append(f"Left out because they have expired: {self.expired}.")
        sentences.extend(map(str, self.skipped[:SKIPPED_SHOWN]))
        if (more := len(self.skipped) - SKIPPED_SHOWN) > 0:
            sentences.append(f"{more} more {'is' if more == 1 else 'are'} not cookies either.")
        return " ".join(sentences)


def own_cookies(user: User) -> QuerySet[SiteCookies]:
    return SiteCookies.objects.filter(user=user)


def keep_cookies(user: User, text: str, *, site: str = "") -> KeptCookies:
    """Keep Netscape text, an export in JSON, or Cookie headers; they replace those of this site.
    Raises BadCookies if none of it can be used."""
    try:
        export = cookie_formats.read(text, site)
    except ValueError as error:
        raise BadCookies(str(error)) from None
    current = unexpired(export.cookies)
    if not current:
        raise BadCookies(
            f"All of these have expired. Sign in at {export.site} in a browser "
            "and export them again."
        )
    row, created = SiteCookies.objects.update_or_create(
        user=user, site=export.site, defaults=_facts(user, export.site, export.cookies, current)
    )
    row.refresh_from_db()
    expired = len(export.cookies) - len(current)
    return KeptCookies(row, created, export.left_out, expired, export.skipped)


def delete_cookies(user: User, pk: uuid.UUID) -> None:
    """Delete the cookies. Raises SiteCookies.DoesNotExist. Files fetched with them stay their
    owner's alone."""
    own_cookies(user).get(pk=pk).delete()


def _facts(
    user: User, site: str, cookies: tuple[Cookie, ...], current: tuple[Cookie, ...]
) -> dict[str, object]:
    context = context_of(SiteCookies(user=user, site=site))
    ends_at = cookie_formats.login_ends_at(cookies)
    return {
        "ciphertext": encrypt(dump(current), context),
        "count": len(current),
        "names": [cookie.name[:100] for cookie in current[:NAMES_SHOWN]],
        "expires_at": None if ends_at is None else _moment(ends_at),
        "refused_at": None,
        "updated_at": Now(),
    }


def _moment(seconds: int) -> dt.datetime:
    """Return a date; browsers write years that no calendar has."""
    latest = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)
    try:
        return min(dt.datetime.fromtimestamp(seconds, dt.UTC), latest)
    except (OverflowError, ValueError, OSError):
        return latest
