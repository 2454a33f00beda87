"""yt-dlp restricted to the proxy. Runs in the jail only, which holds even if this is bypassed."""

from __future__ import annotations

import functools
import http.client
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import yt_dlp
import yt_dlp.globals
from yt_dlp.networking import Request, RequestDirector
from yt_dlp.networking._requests import RequestsRH
from yt_dlp.networking.common import _REQUEST_HANDLERS, _RH_PREFERENCES
from yt_dlp.networking.exceptions import RequestError

from downloads.engine.egress.headers import without_userinfo
from downloads.engine.resolver.ytdlp import po_tokens

_HANDLERS = ("Requests", "Urllib", "CurlCFFI")  # no websockets
_SCHEMES = ("http", "https")
_SMUGGLED = "__youtubedl_smuggle"  # how extractors pass each other data inside a URL
_HEADING = "# Netscape HTTP Cookie File"  # the rest is ignored without it
_WARNINGS = 20
_HEADER_LINES = 10_000


class WarningLog:
    """A log handler for yt-dlp: it keeps the last warnings, which often hold the reason."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def debug(self, message: str) -> None:
        pass

    info = debug

    def warning(self, message: str, **_: object) -> None:
        self.warnings = [*self.warnings, message[:1000]][-_WARNINGS:]

    def error(self, message: str, **_: object) -> None:
        pass  # errors are raised as well


class GuardedYoutubeDL(yt_dlp.YoutubeDL):
    """A YoutubeDL that connects through ``proxy`` alone. ``cookies`` is Netscape text, ``deno`` a
    path.

    ``headers`` are the admin's for ``host``: over https the proxy cannot add them, so they are
    added here; over plain http it adds them to each request by itself. ``po_token_url``: where
    PO tokens are asked for; ``po_token_log`` is told what became of it.
    """

    def __init__(
        self,
        notes: WarningLog,
        *,
        proxy: str,
        cookies: str = "",
        host: str = "",
        headers: Mapping[str, str] = {},
        deno: str = "",
        system_certificates: bool = False,
        playlist_items: str = "1:200",
        po_token_url: str = "",
        po_token_log: po_tokens.PoTokenLog | None = None,
    ) -> None:
        params = {
            "logger": notes,
            "proxy": proxy,
            "cookiefile": io.StringIO(f"{_HEADING}\n{cookies}") if cookies else None,
            "js_runtimes": {"deno": {"path": deno}} if deno else {},
            "compat_opts": {"no-certifi"} if system_certificates else set(),
            "playlist_items": playlist_items,
            "extractor_args": {po_tokens.SETTINGS: {"url": [po_token_url]}} if po_token_url else {},
            **_FIXED,
        }
        self.po_tokens = po_token_log or po_tokens.PoTokenLog()
        super().__init__(params, auto_init="no_verbose_header")
        self.handlers = [_REQUEST_HANDLERS[key] for key in _HANDLERS if key in _REQUEST_HANDLERS]
        self._only_way = proxy
        self._host, self._headers = host, dict(headers)

    @functools.cached_property
    def _request_director(self) -> RequestDirector:
        if self._headers:  # the others would carry them along a redirect
            self.handlers = [_keeping_at_home(self._host, self._headers)]
        return self.build_request_director(self.handlers, _RH_PREFERENCES)

    def urlopen(self, req: str | Request) -> Any:
        request = Request(req) if isinstance(req, str) else req
        check_web_url(request.url)
        _check_proxies(request.proxies, self._only_way)
        _check_headers(request.headers)
        if self._headers and _is_https_at(self._host, request.url):
            request.headers.update(self._headers)
        for name, value in request.headers.items():
            request.headers[name] = without_userinfo(name, value)
        return super().urlopen(request)


def _keeping_at_home(host: str, names: Iterable[str]) -> type[RequestsRH]:
    """Return a handler that sends the headers of these names over https to ``host`` alone."""

    class AtHomeRequestsRH(RequestsRH):
        def _create_instance(self, *args: Any, **options: Any) -> Any:
            session = super()._create_instance(*args, **options)
            session.rebuild_auth = functools.partial(self._redirected, session.rebuild_auth)
            return session

        def _redirected(self, rebuild_auth: Callable[..., None], request: Any, answer: Any) -> None:
            """Drop the admin's headers on a redirect: ``requests`` drops Authorization alone, and
            calls this before each further hop."""
            rebuild_auth(request, answer)
            if not _is_https_at(host, request.url):
                for name in names:
                    request.headers.pop(name, None)

    return AtHomeRequestsRH


def _is_https_at(host: str, url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme.lower() == "https" and parts.hostname == host


def check_web_url(url: str) -> None:
    """Raise RequestError for any scheme but http and https."""
    if urlsplit(url.strip()).scheme.lower() not in _SCHEMES and not url.startswith("//"):
        raise RequestError("only http and https are fetched")


def check_asked(url: str) -> None:
    """Raise ValueError unless the requested URL is a plain http(s) one."""
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname or _SMUGGLED in url:
        raise ValueError("not a URL that can be asked for")


def _check_proxies(proxies: Mapping[str, Any] | None, only_way: str) -> None:
    if any(way != only_way for way in (proxies or {}).values()):
        raise RequestError("a request may not choose its proxy")


def _check_headers(headers: Mapping[str, Any]) -> None:
    if any(name.lower().startswith("ytdl-") for name in headers):
        raise RequestError("a request may not choose its proxy")


def options() -> set[str]:
    """Return the names of all options that are set here."""
    return {*_VARYING, *_FIXED}


_VARYING = (
    "logger", "proxy", "cookiefile", "js_runtimes", "compat_opts", "playlist_items",
    "extractor_args",
)  # fmt: skip
_FIXED: dict[str, Any] = {
    "quiet": True,
    "no_color": True,
    "noprogress": True,
    "simulate": True,
    "skip_download": True,
    "noplaylist": True,
    "extract_flat": "in_playlist",
    "lazy_playlist": False,
    "format": "all",
    "outtmpl": {"default": "never written"},
    "cachedir": False,
    "enable_file_urls": False,
    "external_downloader": {"default": "native"},
    "geo_bypass": False,
    "geo_verification_proxy": None,
    "usenetrc": False,
    "netrc_cmd": None,
    "cookiesfrombrowser": None,
    "allow_unplayable_formats": False,
    "ignoreerrors": False,
    "check_formats": None,
    "postprocessors": [],
    "remote_components": [],
    "socket_timeout": 20,
    "extractor_retries": 1,
    "age_limit": None,
}


def shut_plugins() -> None:
    """Prevent loading plugins from outside the yt_dlp package."""
    yt_dlp.globals.plugin_dirs.value = []
    yt_dlp.globals.all_plugins_loaded.value = True


def take_many_headers() -> None:
    """Allow more than 100 header lines in an answer, as browsers do: CDNs send their debugging."""
    vars(http.client)["_MAXHEADERS"] = _HEADER_LINES
