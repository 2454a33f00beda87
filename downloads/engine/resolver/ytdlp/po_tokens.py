"""Inside the jail: YouTube's PO tokens, asked of a bgutil-ytdlp-pot-provider.

The provider's HTTP protocol, of its server/src/main.ts: ``POST /get_pot`` with a JSON object, whose
answer is ``{"poToken", "contentBinding", "expiresAt"}``, or ``{"error"}`` with a status of 4xx or
5xx. It is told what the token is bound to and YouTube's own context of the request; never
cookies, and never a proxy: the only one here is the jail's.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from yt_dlp.extractor.youtube.pot.provider import (
    PoTokenContext,
    PoTokenProvider,
    PoTokenProviderError,
    PoTokenRequest,
    PoTokenResponse,
    register_provider,
)
from yt_dlp.extractor.youtube.pot.utils import WEBPO_CLIENTS, get_webpo_content_binding
from yt_dlp.networking import Request
from yt_dlp.networking.exceptions import HTTPError, RequestError

from downloads.engine.core.po_token_use import PoTokenUse
from downloads.engine.resolver.ytdlp.config import GET_POT

SETTINGS: Final = "youtubepot-ferry"  # yt-dlp's extractor_args for the class below
_WITHIN: Final = 20.0  # seconds; its first token takes several, a further one milliseconds
_LONGEST: Final = 64 * 1024  # bytes of an answer
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{16,4096}={0,2}")


class PoTokenLog:
    """A record of what became of one extraction's tokens."""

    def __init__(self) -> None:
        self.use = PoTokenUse.NOT_USED

    @property
    def failed(self) -> bool:
        return self.use is PoTokenUse.FAILED

    def used(self) -> None:
        if not self.failed:
            self.use = PoTokenUse.USED

    def fail(self) -> None:
        self.use = PoTokenUse.FAILED


class FerryPTP(PoTokenProvider):
    """A provider that asks the server that an administrator set; yt-dlp finds it by its name."""

    PROVIDER_VERSION = "1"
    BUG_REPORT_LOCATION = "the administrator of this Ferry"

    _SUPPORTED_CLIENTS = WEBPO_CLIENTS
    _SUPPORTED_CONTEXTS = (PoTokenContext.GVS, PoTokenContext.PLAYER, PoTokenContext.SUBS)
    _SUPPORTED_EXTERNAL_REQUEST_FEATURES = None  # it sends no request but yt-dlp's own

    def is_available(self) -> bool:
        """Return False once it has failed: yt-dlp asks again for each format of a video."""
        return bool(self._configuration_arg("url")) and not self._log.failed

    @property
    def _log(self) -> PoTokenLog:
        return self.ie._downloader.po_tokens

    def _real_request_pot(self, request: PoTokenRequest) -> PoTokenResponse:
        try:
            token = _token_in(self._ask(request))
        except BaseException:
            self._log.fail()
            raise
        self._log.used()
        # Kept in yt-dlp's cache it would be used without a word here; the server has its own.
        return PoTokenResponse(token, expires_at=0)

    def _ask(self, request: PoTokenRequest) -> bytes:
        (url,) = self._configuration_arg("url", casesense=True)
        body = {
            "content_binding": get_webpo_content_binding(request)[0],
            "bypass_cache": request.bypass_cache,
            "innertube_context": request.innertube_context,
        }
        asked = Request(
            url + GET_POT,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            extensions={"timeout": _WITHIN},
        )
        try:
            with self._request_webpage(asked, note=False) as answer:
                return bytes(answer.read(_LONGEST))
        except HTTPError as error:
            said = _error_in(error.response.read(_LONGEST))
            raise _failure(f"HTTP {error.status} {said}") from error
        except RequestError as error:
            raise _failure(f"it does not answer: {error}") from error


def _token_in(answer: bytes) -> str:
    try:
        token = json.loads(answer)["poToken"]
    except (ValueError, TypeError, KeyError):
        raise _failure(_error_in(answer) or "its answer has no poToken") from None
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise _failure("its answer is no token")
    return token


def _error_in(answer: bytes) -> str:
    """Return the server's own words; empty if it has none."""
    try:
        found: Any = json.loads(answer)
    except ValueError:
        return ""
    return str(found.get("error", ""))[:300] if isinstance(found, dict) else ""


def _failure(reason: str) -> PoTokenProviderError:
    return PoTokenProviderError(f"PO_TOKEN_URL: {reason}".strip(), expected=True)


def register() -> None:
    """Have yt-dlp ask this provider, in this process."""
    register_provider(FerryPTP)
