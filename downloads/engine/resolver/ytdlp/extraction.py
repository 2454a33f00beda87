"""Requests to yt-dlp in a warm, jailed child, whose only way out is the egress proxy."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deno import find_deno_bin

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import DownloadError, NetworkError, StopReason, UnsupportedURL
from downloads.engine.core.listing import Listing
from downloads.engine.core.media import Source
from downloads.engine.egress.client import Client
from downloads.engine.egress.proxy import EgressProxy, EgressSession, egress_proxy
from downloads.engine.egress.target import parse
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.ytdlp import errors, formats
from downloads.engine.resolver.ytdlp.answer import (
    ExtractionFailure,
    RawPlaylist,
    RawVideo,
    read_answer,
    read_site,
)
from downloads.engine.resolver.ytdlp.config import GET_POT, configured
from downloads.engine.sandbox import workdirs
from downloads.engine.sandbox.confinement import MIB, Confinement, JailFailed, JailFailure
from downloads.engine.sandbox.pool import PATIENCE, WarmPool
from downloads.engine.sandbox.worker import PACKAGE, JailedWorker, python_module

CHILD = python_module("downloads.engine.resolver.ytdlp.child")
EXTRACT_WITHIN = 60.0  # seconds for one extraction, a JavaScript challenge included
SITE_WITHIN = 30.0  # seconds to name an extractor; a few ms once the child is warm
PAGE_CPU = 4.0  # processor seconds of the child itself to find a video in a page
_STARTS = 10  # or as long as so many starts of a child take, on a machine that is slow
_MAX_BYTES = 64 * MIB  # through the proxy: pages and manifests, never the media
_MAX_RESIDENT = 1024 * MIB  # of the child and its deno together
_PROCESSES = 6  # the child, deno, and what asks deno for its version
_LONGEST_WAIT = 8.0  # seconds, for a source that releases its files a little later
_WARM = 1
_ENDLESS = (
    "This page is too large to search for a video. "
    "Paste a link to the video's own page or to the file."
)
_USES = 50
# The sites whose extractor asks for PO tokens.
_WITH_PO_TOKENS = frozenset({"youtube.com", "youtu.be", "youtube-nocookie.com"})


class Extraction:
    """A client of the jailed yt-dlp. Thread-safe. ``close()`` it, or use it as a context manager,
    unless it is the shared one.

    ``certificates``: a PEM file to trust instead of the usual ones (for tests).
    ``child``: the program that runs in the jail, which may read the paths in it (for tests, too).
    ``po_token_url``: see :class:`ExtractorConfig`.
    """

    def __init__(
        self,
        proxy: Callable[[], EgressProxy] = egress_proxy,
        *,
        certificates: Path | None = None,
        child: Sequence[str | Path] = CHILD,
        size: int = _WARM,
        extract_within: float = EXTRACT_WITHIN,
        po_token_url: str = "",
    ) -> None:
        self._po_token_url = po_token_url
        self._proxy = proxy
        self._certificates = certificates
        self._child = child
        self._extract_within = extract_within
        self._page_cpu = PAGE_CPU
        self._pool = WarmPool(self._worker, size=size, uses=_USES)

    def warm(self) -> None:
        """Keep a child ready before a request comes. Returns at once."""
        self._pool.warm()

    def site(self, url: str, client: Client) -> str:
        """Return the name of the extractor for this site; empty if there is none.

        Sends nothing to the network. Raises JailFailed, Stopped.
        """
        stop = _Waiting.on(client.stop)
        with self._pool.worker(user=client.user, stop=stop) as worker:
            return read_site(self._ask_site(worker, url, stop))

    def extract(self, url_probe: UrlProbe, *, generic: bool) -> Source | Listing:
        """Extract what a page offers. ``generic``: look for a video in it, whatever the site.

        Raises the errors of ``downloads.engine.core.errors``.
        """
        client = url_probe.client
        headers = dict(client.rules.of(urlsplit(url_probe.url).hostname or "").headers)
        provider = self._po_token_url if _asks_po_tokens(url_probe.url) and not generic else ""
        with self._session(client, provider) as session:
            request = {
                "do": "extract",
                "url": url_probe.url,
                "proxy": session.url,
                "cookies": client.cookies,
                "headers": headers,
                "generic": generic,
                "start": url_probe.start,
                "count": url_probe.count,
                "po_token_url": provider,
            }
            try:
                found = read_answer(self._ask(request, client))
            except DownloadError as error:
                session.check()  # a refusal of the proxy is the cause, whatever yt-dlp made of it
                raise _in_words(error, generic=generic) from error
            if client.trace is not None and not isinstance(found, RawPlaylist) and found.po_token:
                client.trace.decide(f"PO token: {found.po_token}".replace("_", " "))
            if isinstance(found, ExtractionFailure):
                session.check()
                raise errors.error_for(found, url_probe.url, has_cookies=bool(client.cookies))
        if isinstance(found, RawVideo):
            _wait_until(formats.begins_at(found), client.stop)
            return formats.source_of(found, url_probe.url)
        return formats.listing_of(found, url_probe.url, url_probe.start)

    def _ask(self, request: dict[str, Any], client: Client) -> Any:
        private, stop = bool(request["cookies"] or request["headers"]), _Waiting.on(client.stop)
        with self._pool.worker(user=client.user, private=private, stop=stop) as worker:
            if not worker.uses:  # an interpreter that is still starting is not the page's fault
                self._ask_site(worker, request["url"], stop)
            cpu = self._page_cpu if request["generic"] else None
            return worker.ask(request, timeout=self._extract_within, cpu=cpu, stop=stop)

    def _ask_site(self, worker: JailedWorker, url: str, stop: StopToken | None) -> Any:
        answer = worker.ask({"do": "site", "url": url}, timeout=SITE_WITHIN, stop=stop)
        if worker.uses == 1:
            self._page_cpu = max(PAGE_CPU, _STARTS * worker.cpu_seconds)
        return answer

    def _session(self, client: Client, provider: str) -> EgressSession:
        """Return the way out for one extraction. ``provider``: of PO tokens, an address that may
        be private: what it is asked at, and nothing else of it, is opened."""
        opened = {parse(provider + GET_POT).url} if provider else set()
        return self._proxy().open(
            replace(client.policy, grants=client.policy.grants | opened),
            max_bytes=_MAX_BYTES,
            seconds=PATIENCE + SITE_WITHIN + self._extract_within + 5,
            stop=client.stop,
            rules=client.rules,
        )

    def _worker(self) -> JailedWorker:
        deno = Path(find_deno_bin())
        certificates = [self._certificates] if self._certificates else []
        return JailedWorker(
            (*self._child, str(deno)),
            Confinement(
                work_dir=workdirs.new("extract"),
                proxy=self._proxy(),
                # deno reserves more address space than it ever uses
                memory_bytes=None,
                resident_bytes=_MAX_RESIDENT,
                cpu_seconds=_USES * 20,
                processes=_PROCESSES,
                niceness=0,  # a user is waiting
                read_paths=(
                    PACKAGE,
                    *certificates,
                    *(part for part in self._child if isinstance(part, Path)),
                ),
                executables=(deno,),
                environment=_environment(certificates),
            ),
            remove_folder=True,
        )

    def close(self) -> None:
        self._pool.close()

    def __enter__(self) -> Extraction:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _asks_po_tokens(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return any(host == site or host.endswith(f".{site}") for site in _WITH_PO_TOKENS)


def _environment(certificates: list[Path]) -> tuple[tuple[str, str], ...]:
    names = ("SSL_CERT_FILE", "CURL_CA_BUNDLE")
    trusted = [(name, str(path)) for path in certificates for name in names]
    return (("YTDLP_NO_PLUGINS", "1"), ("DENO_NO_UPDATE_CHECK", "1"), ("NO_COLOR", "1"), *trusted)


def _wait_until(moment: float, stop: StopToken | None) -> None:
    """Wait until a time. Raises Stopped."""
    seconds = min(moment - time.time(), _LONGEST_WAIT)
    if seconds > 0:
        token = stop or StopToken()
        token.beat()
        token.wait(seconds)
        token.check()


def _in_words(error: DownloadError, *, generic: bool) -> DownloadError:
    if not isinstance(error, JailFailed):
        return error
    if generic and error.failure in (JailFailure.CPU, JailFailure.MEMORY):
        return UnsupportedURL(error.detail, message=_ENDLESS)
    if error.failure is JailFailure.TIMEOUT:
        return NetworkError(
            error.detail,
            message="The site took too long to list its qualities. Retry later.",
        )
    return error


class _Waiting(StopToken):
    """A caller's stop token while the child works: that wait is bounded by itself, so it counts as
    progress, and the heartbeat continues."""

    def __init__(self, token: StopToken) -> None:
        super().__init__()
        self._token = token

    @classmethod
    def on(cls, token: StopToken | None) -> StopToken | None:
        return None if token is None else cls(token)

    @property
    def reason(self) -> StopReason | None:
        return self._token.reason

    def check(self) -> None:
        self._token.beat()
        self._token.check()


_shared: Extraction | None = None
_shared_by = 0
_sharing = threading.Lock()


def extraction() -> Extraction:
    """Return the extraction of this process, made on first use."""
    global _shared, _shared_by
    with _sharing:
        if _shared is None or _shared_by != os.getpid():  # a fork inherits its parent's children
            config = configured()
            _shared = Extraction(po_token_url=config.po_token_url)
            _shared_by = os.getpid()
            atexit.register(_shared.close)
        return _shared
