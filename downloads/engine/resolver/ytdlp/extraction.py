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
from downloads.engine.resolver.ytdlp.launch import USES, launch, module
from downloads.engine.resolver.ytdlp.releases.store import ReleaseStore
from downloads.engine.resolver.ytdlp.releases.watch import ReleaseWatch
from downloads.engine.sandbox.confinement import MIB, JailFailed, JailFailure
from downloads.engine.sandbox.pool import PATIENCE, WarmPool
from downloads.engine.sandbox.worker import JailedWorker

CHILD = "downloads.engine.resolver.ytdlp.child"
EXTRACT_WITHIN = 60.0  # seconds for one extraction, a JavaScript challenge included
SITE_WITHIN = 30.0  # seconds to name an extractor; a few ms once the child is warm
PAGE_CPU = 4.0  # processor seconds of the child itself to find a video in a page
_STARTS = 10  # or as long as so many starts of a child take, on a machine that is slow
_MAX_BYTES = 64 * MIB  # through the proxy: pages and manifests, never the media
_LONGEST_WAIT = 8.0  # seconds, for a source that releases its files a little later
_WARM = 1
_ENDLESS = (
    "This page is too large to search for a video. "
    "Paste a link to the video's own page or to the file."
)
# The sites whose extractor asks for PO tokens.
_WITH_PO_TOKENS = frozenset({"youtube.com", "youtu.be", "youtube-nocookie.com"})


class Extraction:
    """A client of the jailed yt-dlp. Thread-safe. ``close()`` it, or use it as a context manager,
    unless it is the shared one.

    ``certificates``: a PEM file to trust instead of the usual ones (for tests).
    ``child``: the program that runs in the jail, which may read the paths in it (for tests, too).
    ``po_token_url``: see :class:`ExtractorConfig`. ``releases``: those of this host, or ``folder``:
    that of one release; without them the installed one is used.
    """

    def __init__(
        self,
        proxy: Callable[[], EgressProxy] = egress_proxy,
        *,
        certificates: Path | None = None,
        child: Sequence[str | Path] = (),
        size: int = _WARM,
        extract_within: float = EXTRACT_WITHIN,
        po_token_url: str = "",
        releases: ReleaseStore | None = None,
        folder: Path | None = None,
    ) -> None:
        self._po_token_url = po_token_url
        self._proxy = proxy
        self._certificates = certificates
        self._child = child
        self._extract_within = extract_within
        self._page_cpu = PAGE_CPU
        self._folder = folder
        self._releases = releases
        self._release = None if releases is None else releases.current()
        self._following = threading.Lock()
        self._pool = WarmPool(self._worker, size=size, uses=USES)

    def warm(self) -> None:
        """Keep a child ready before a request comes. Returns at once."""
        self._pool.warm()

    def rest(self, after: float) -> None:
        """Stop the idle children, until the next ``warm()``, if none was needed for ``after``
        seconds."""
        self._pool.rest(after)

    def site(self, url: str, client: Client) -> str:
        """Return the name of the extractor for this site; empty if there is none.

        Sends nothing to the network. Raises JailFailed, Stopped.
        """
        watch, stop = self._watch(url), _Waiting.on(client.stop)
        with self._pool.worker(user=client.user, stop=stop) as worker:
            try:
                return read_site(self._ask_site(worker, url, stop))
            except DownloadError as error:
                watch.note_broken(error)
                raise

    def extract(self, url_probe: UrlProbe, *, generic: bool) -> Source | Listing:
        """Extract what a page offers. ``generic``: look for a video in it, whatever the site.

        Raises the errors of ``downloads.engine.core.errors``.
        """
        client, watch = url_probe.client, self._watch(url_probe.url)
        provider = self._po_token_url if _asks_po_tokens(url_probe.url) and not generic else ""
        with self._session(client, provider) as session:
            request = _request(url_probe, session, provider, generic=generic)
            try:
                found = read_answer(self._ask(request, client))
            except DownloadError as error:
                session.check()  # a refusal of the proxy is the cause, whatever yt-dlp made of it
                watch.note_broken(error)
                raise _in_words(error, generic=generic) from error
            if client.trace is not None and not isinstance(found, RawPlaylist) and found.po_token:
                client.trace.decide(f"PO token: {found.po_token}".replace("_", " "))
            if isinstance(found, ExtractionFailure):
                session.check()
                failed = errors.error_for(found, url_probe.url, has_cookies=bool(client.cookies))
                if not errors.is_of_source(found):
                    watch.note_broken(failed)
                raise failed
        watch.note_good()
        if isinstance(found, RawVideo):
            _wait_until(formats.begins_at(found), client.stop)
            return formats.source_of(found, url_probe.url)
        return formats.listing_of(found, url_probe.url, url_probe.start)

    def _watch(self, url: str) -> ReleaseWatch:
        """Return the watch over the release that will answer for this URL."""
        self.follow()
        return ReleaseWatch(self._releases, self._release, urlsplit(url).hostname or "")

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

    def follow(self) -> None:
        """Have the children of another release than is to be used now end, once they are unused.
        Cheap: may be called at any rate."""
        release = None if self._releases is None else self._releases.current()
        with self._following:
            if release == self._release:
                return
            self._release = release
        self._pool.renew()

    def _worker(self) -> JailedWorker:
        folder, release = self._folder, self._release
        if release is not None and self._releases is not None:
            folder = self._releases.path(release)
        command = self._child or module(CHILD, folder)
        return launch(command, self._proxy(), certificates=self._certificates, release=folder)

    def close(self) -> None:
        self._pool.close()

    def __enter__(self) -> Extraction:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _request(
    url_probe: UrlProbe, session: EgressSession, po_token_url: str, *, generic: bool
) -> dict[str, Any]:
    client = url_probe.client
    return {
        "do": "extract",
        "url": url_probe.url,
        "proxy": session.url,
        "cookies": client.cookies,
        "headers": dict(client.rules.of(urlsplit(url_probe.url).hostname or "").headers),
        "generic": generic,
        "start": url_probe.start,
        "count": url_probe.count,
        "po_token_url": po_token_url,
    }


def _asks_po_tokens(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return any(host == site or host.endswith(f".{site}") for site in _WITH_PO_TOKENS)


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
            store = None if config.releases is None else ReleaseStore(config.releases)
            _shared = Extraction(po_token_url=config.po_token_url, releases=store)
            _shared_by = os.getpid()
            atexit.register(_shared.close)
        return _shared


def follow() -> None:
    """Have this process's children follow a change of the release. Starts none."""
    with _sharing:
        shared = _shared if _shared_by == os.getpid() else None
    if shared is not None:
        shared.follow()
