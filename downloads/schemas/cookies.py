"""The payload of a user's cookies for a site."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from downloads.network import credentials
from downloads.schemas.base import Payload

if TYPE_CHECKING:
    from downloads.models import SiteCookies


class CookiesPayload(Payload):
    """A user's cookies for a site, without their values. ``advice``: what to do about their
    health. ``note``: which of the sent cookies were not saved, and why; only in the response to
    them."""

    id: uuid.UUID
    site: str
    count: int
    names: list[str]
    health: credentials.CookieHealth
    advice: str | None
    expires_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime
    last_used_at: dt.datetime | None
    note: str | None = None

    @classmethod
    def of(cls, cookies: SiteCookies, note: str = "") -> CookiesPayload:
        health = credentials.health_of(cookies)
        return cls(
            id=cookies.id,
            site=cookies.site,
            count=cookies.count,
            names=cookies.names,
            health=health,
            advice=credentials.advice(health, cookies.site) or None,
            expires_at=cookies.expires_at,
            created_at=cookies.created_at,
            updated_at=cookies.updated_at,
            last_used_at=cookies.last_used_at,
            note=note or None,
        )
