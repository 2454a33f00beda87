"""The choice of a user's cookies for a fetch, and their health. Reads and writes SiteCookies.

A user's cookies of a site go to fetches of content on that site's hosts, and the fetch is then
theirs alone. They go nowhere else, not to another site that the content leads to.
"""

from __future__ import annotations

import ipaddress
import logging
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from django.db.models import BigIntegerField
from django.db.models.functions import Now
from django.utils import timezone

from config.prepared import PreparedValues
from downloads.models import SiteCookies
from downloads.network.encryption import EncryptionContext, Unreadable, decrypt

log = logging.getLogger(__name__)

# links that people paste, and the site whose login they need
SHORT_HOSTS: Final = {
    "youtu.be": "youtube.com",
    "youtube-nocookie.com": "youtube.com",
    "redd.it": "reddit.com",
    "fb.watch": "facebook.com",
    "instagr.am": "instagram.com",
    "dai.ly": "dailymotion.com",
    "b23.tv": "bilibili.com",
    "twitter.com": "x.com",
}


class CookieHealth(StrEnum):
    OK = "ok"
    EXPIRED = "expired"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


# refused ones are tried again: the refusal may have been about that one video
_WORKING: Final = (CookieHealth.OK, CookieHealth.REFUSED)


@dataclass(frozen=True, slots=True)
class SiteCredentials:
    """The cookies one fetch may send. ``text``: a Netscape cookie file, secret; empty for none."""

    site: str = ""
    text: str = ""

    def __repr__(self) -> str:
        return f"SiteCredentials({self.site!r})"


def context_of(row: SiteCookies) -> EncryptionContext:
    return EncryptionContext("site cookies", (row.user_id, row.site))  # one row for each


def sites_of(url: str) -> list[str]:
    """Return the sites whose cookies a fetch of this URL may send, the most specific first."""
    host = (urlsplit(url).hostname or "").removesuffix(".")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return [host]
    labels = host.split(".")
    names = [".".join(labels[place:]) for place in range(len(labels))]
    known = [SHORT_HOSTS[name] for name in names if name in SHORT_HOSTS]
    return list(dict.fromkeys([*names, *known]))


_any_of: Final = PreparedValues(
    lambda user: SiteCookies.objects.filter(user=user).order_by().values_list("pk")[:1],
    BigIntegerField(),
)


def owner_for(user_id: int, url: str) -> int | None:
    """Return ``user_id`` if this user has working cookies for the URL, else None: shared by all."""
    if not _any_of(user_id):  # as with most users
        return None
    rows = SiteCookies.objects.filter(user=user_id, site__in=sites_of(url))
    return user_id if any(health_of(row) in _WORKING for row in rows) else None


def cookies_for(owner_id: int | None, url: str) -> SiteCredentials:
    """Return the cookies for a fetch that is ``owner_id``'s alone; none for a shared one (None)."""
    rows = [] if owner_id is None else _rows(owner_id, url)
    row = next((row for row in rows if health_of(row) in _WORKING), None)
    if row is None:
        return SiteCredentials()
    SiteCookies.objects.filter(pk=row.pk).update(last_used_at=Now())
    return SiteCredentials(row.site, decrypt(row.ciphertext, context_of(row)))


def note_refusal(owner_id: int, site: str) -> None:
    """Record that the site required a login in spite of them. Replacing them clears it."""
    SiteCookies.objects.filter(user=owner_id, site=site).update(refused_at=Now())
    log.info("cookies refused user=%s site=%s", owner_id, site)


def health_of(row: SiteCookies, now: datetime | None = None) -> CookieHealth:
    """Return the health of these cookies; only OK and REFUSED ones are sent."""
    if not _is_readable(row):
        return CookieHealth.UNREADABLE
    if row.expires_at is not None and row.expires_at <= (now or timezone.now()):
        return CookieHealth.EXPIRED
    return CookieHealth.OK if row.refused_at is None else CookieHealth.REFUSED


def advice(health: CookieHealth, site: str) -> str:
    """Return a sentence for the user; empty if there is nothing to do."""
    match health:
        case CookieHealth.EXPIRED:
            return f"Your login at {site} has expired. Sign in there and add its cookies again."
        case CookieHealth.REFUSED:
            return (
                f"{site} did not accept these cookies. "
                "Sign in there again and add its cookies again."
            )
        case CookieHealth.UNREADABLE:
            return (
                "These cookies cannot be read; the server's secret key may have changed. "
                "Add them again."
            )
    return ""


def login_advice(owner_id: int | None, url: str) -> str:
    """Return a sentence for the user if a source requires a login, by the cookies they have."""
    rows = [] if owner_id is None else _rows(owner_id, url)
    if not rows:
        return (
            f"{urlsplit(url).hostname} requires a login. "
            "Add your cookies for it under Account, Cookies, then retry."
        )
    found = health_of(rows[0])
    sentence = advice(CookieHealth.REFUSED if found is CookieHealth.OK else found, rows[0].site)
    return f"{sentence.removesuffix('.')}, then retry."


def _rows(user_id: int, url: str) -> list[SiteCookies]:
    sites = sites_of(url)
    rows = SiteCookies.objects.filter(user=user_id, site__in=sites)
    return sorted(rows, key=lambda row: sites.index(row.site))


def _is_readable(row: SiteCookies) -> bool:
    try:
        decrypt(row.ciphertext, context_of(row))
    except Unreadable:
        return False
    return True
