"""Messages of one page for the next, in a cookie of this site's path."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class MessageCookie(CookieStorage):
    """Django's cookie of messages, which has no setting for its path."""

    def _update_cookie(self, encoded_data: str, response: Any) -> None:
        super()._update_cookie(encoded_data, response)  # type: ignore[misc]
        response.cookies[self.cookie_name]["path"] = settings.SESSION_COOKIE_PATH


class MessageStorage(FallbackStorage):
    """Messages in the cookie, and in the session those that it has no room for."""

    storage_classes = (MessageCookie, SessionStorage)
