"""Inside the jail: yt-dlp, kept warm, answering one request at a time.

    {"do": "site", "url"}                               -> the extractor's name, or ""
    {"do": "extract", "url", "proxy", "cookies", "headers",
     "generic", "start", "count", "po_token_url"}       -> {"info"} | {"playlist"} | {"failure"}

Answers are read by ``answer``. Run by ``extraction``, never imported by Ferry's own processes.
"""

from __future__ import annotations

import os
import sys
from typing import Any
from urllib.parse import urlsplit

from downloads.engine.core.optional_packages import not_loading

with not_loading("mutagen", "websockets"):  # for what yt-dlp is not asked to do: 3 MiB
    import yt_dlp.dependencies  # noqa: F401

from yt_dlp.extractor import gen_extractor_classes
from yt_dlp.networking.exceptions import HTTPError, RequestError
from yt_dlp.utils import DownloadError, ExtractorError

from downloads.engine.resolver.ytdlp import po_tokens
from downloads.engine.resolver.ytdlp.guarded import (
    GuardedYoutubeDL,
    WarningLog,
    check_asked,
    shut_plugins,
    take_many_headers,
)
from downloads.engine.resolver.ytdlp.pages import GenericIE
from downloads.engine.resolver.ytdlp.plain import plain_info, plain_playlist
from downloads.engine.sandbox.serve import serve

_GENERIC = "Generic"


class Child:
    def __init__(self, deno: str) -> None:
        shut_plugins()
        take_many_headers()
        po_tokens.register()
        self._deno = deno
        self._sites = [kind for kind in gen_extractor_classes() if kind.ie_key() != _GENERIC]
        self.site("https://warm.invalid/up")  # compiles every extractor's pattern
        self._open(WarningLog(), "http://127.0.0.1:9", {}).close()

    def handle(self, request: dict[str, Any]) -> Any:
        check_asked(request["url"])
        if request["do"] == "site":
            return self.site(request["url"])
        return self.extract(request)

    def site(self, url: str) -> str:
        return next((kind.ie_key() for kind in self._sites if kind.suitable(url)), "")

    def extract(self, request: dict[str, Any]) -> dict[str, Any]:
        notes = WarningLog()
        told = po_tokens.PoTokenLog() if request.get("po_token_url") else None
        try:
            with self._open(notes, request["proxy"], request, told) as loader:
                loader.add_info_extractor(GenericIE())
                info = loader.extract_info(
                    request["url"],
                    download=False,
                    ie_key=_GENERIC if request["generic"] else None,
                )
                info = _opened_tab(loader, info)
                return _answer(loader, info, request["count"], told)
        except DownloadError as error:
            # raised while handling the extractor's own error, which says more
            return {"failure": _failure(error.__context__ or error, notes, told)}
        except Exception as error:  # noqa: BLE001 - extractors raise whatever a page makes them
            return {"failure": _failure(error, notes, told)}

    def _open(
        self,
        notes: WarningLog,
        proxy: str,
        request: dict[str, Any],
        told: po_tokens.PoTokenLog | None = None,
    ) -> GuardedYoutubeDL:
        first = request.get("start", 0) + 1
        return GuardedYoutubeDL(
            notes,
            proxy=proxy,
            cookies=request.get("cookies", ""),
            host=urlsplit(request.get("url", "")).hostname or "",
            headers=request.get("headers", {}),
            deno=self._deno,
            system_certificates="SSL_CERT_FILE" in os.environ,
            playlist_items=f"{first}:{first + request.get('count', 1)}",
            po_token_url=request.get("po_token_url", ""),
            po_token_log=told,
        )


def _answer(
    loader: GuardedYoutubeDL, info: Any, count: int, told: po_tokens.PoTokenLog | None
) -> dict[str, Any]:
    if not info:
        return {"failure": {"kind": "NoResult", "message": "nothing was found", "expected": True}}
    if info.get("_type") in ("playlist", "multi_video", "compat_list"):
        return {"playlist": plain_playlist(info, count)}
    return {"info": plain_info(info, loader.cookiejar) | _said(told)}


def _said(told: po_tokens.PoTokenLog | None) -> dict[str, str]:
    """Return the answer's field about PO tokens, if a provider is set."""
    return {} if told is None else {"po_token": told.use}


def _opened_tab(loader: GuardedYoutubeDL, info: Any) -> Any:
    """Return a YouTube channel's videos tab in place of its list of tabs."""
    entries = (info or {}).get("entries") or []
    tabs = [each for each in entries if each and each.get("ie_key") == "YoutubeTab"]
    if not tabs or len(tabs) != len(entries) or info.get("extractor_key") != "YoutubeTab":
        return info
    if not all(str(each.get("url", "")).startswith(info.get("webpage_url", " ")) for each in tabs):
        return info
    return loader.extract_info(tabs[0]["url"], download=False, ie_key="YoutubeTab")


def _failure(
    error: BaseException, notes: WarningLog, told: po_tokens.PoTokenLog | None = None
) -> dict[str, Any]:
    cause = error.cause if isinstance(error, ExtractorError) else error
    refused = cause if isinstance(cause, HTTPError) else None
    message = error.orig_msg if isinstance(error, ExtractorError) else str(error)
    return {
        "kind": type(error).__name__[:200],
        "message": _clean(message)[:20_000],
        "cause": type(cause).__name__[:200] if cause else "",
        "expected": isinstance(error, ExtractorError | RequestError) and _is_expected(error),
        "status": refused.status if refused else None,
        "retry_after": _clean(refused.response.headers.get("Retry-After") or "")[:200]
        if refused
        else "",
        "warnings": [_clean(each) for each in notes.warnings],
        **_said(told),
    }


def _is_expected(error: ExtractorError | RequestError) -> bool:
    """Return if the error is about the source, not a bug in yt-dlp."""
    return isinstance(error, RequestError) or error.expected


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


if __name__ == "__main__":
    serve(Child(sys.argv[1]).handle)
