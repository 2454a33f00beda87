"""Requests to the jailed child that parses manifests. It has no network, no secrets, little
memory."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from downloads.engine.core.data_url import is_data_url
from downloads.engine.core.errors import DownloadError
from downloads.engine.resolver.manifests.refusals import broken, leads_elsewhere, too_big
from downloads.engine.sandbox import workdirs
from downloads.engine.sandbox.confinement import MIB, Confinement, JailFailed, JailFailure
from downloads.engine.sandbox.pool import WarmPool
from downloads.engine.sandbox.worker import PACKAGE, JailedWorker, python_module

if TYPE_CHECKING:
    from downloads.engine.egress.client import Client
    from downloads.engine.resolver.feeds.answer import RawFeed
    from downloads.engine.resolver.manifests.answers import Master, MediaPlaylist, Presentation

CHILD = "downloads.engine.resolver.manifests.child"
# Seconds of computing: a bad manifest is reported within 5, the fetch included. By the clock a
# machine that is busy would make a good one bad, so that is only for a child that sleeps.
PARSE_CPU = 3.0
PARSE_WITHIN = 30.0
_DOUBLED = 16 * MIB  # of text, for which the time doubles
_START_WITHIN = 60.0  # seconds for an interpreter on a machine that is busy
_MEMORY = 512 * MIB
_LONGEST_ANSWER = 64 * MIB  # for a playlist of 32 MiB
_MOST_VALUES = 1_500_000  # of 100,000 segments, each with a key of its own
_WARM = 1
_USES = 50

# Failures of the child that the text causes; any other is a fault of ours.
_TEXTS_FAULT = frozenset(
    {JailFailure.TIMEOUT, JailFailure.CPU, JailFailure.DIED, JailFailure.MEMORY,
     JailFailure.TOO_LONG, JailFailure.GARBAGE, JailFailure.RAISED, JailFailure.PROCESSES}
)  # fmt: skip


class Parser:
    """A client of the jailed parser. Thread-safe. ``close()`` it unless it is the shared one of
    :func:`parser`."""

    def __init__(self, *, module: str = CHILD, size: int = _WARM) -> None:
        """Use ``module`` in the jail (another one in tests)."""
        self._module = module
        self._pool = WarmPool(self._worker, size=size, uses=_USES)

    def warm(self) -> None:
        """Keep a child ready before a request comes, all day. Returns at once."""
        self._pool.warm()

    def rest(self, after: float) -> None:
        """Stop the idle children, until the next ``warm()``, if none was needed for ``after``
        seconds."""
        self._pool.rest(after)

    def prepare(self) -> None:
        """Start a child for one request that will come soon."""
        self._pool.prepare()

    def playlist(
        self,
        text: str,
        url: str = "",
        variables: Iterable[tuple[str, str]] = (),
        client: Client | None = None,
    ) -> Master | MediaPlaylist:
        """Parse the HLS playlist at ``url``; ``variables`` are its master's. ``client``: whose work
        it is.

        Raises BadManifest, Stopped.
        """
        own = "" if is_data_url(url) else url
        request = {"do": "playlist", "text": text, "url": own, "variables": list(variables)}
        answer = self._ask(request, client)
        from downloads.engine.resolver.manifests.answers import (
            read_playlist,  # its import takes 15 ms: after the request
        )

        return read_playlist(answer)

    def presentation(
        self,
        text: str,
        url: str,
        representation: str = "",
        linked: Mapping[str, str | None] | None = None,
        client: Client | None = None,
    ) -> Presentation:
        """Parse the MPD at ``url``, with the pieces of one ``representation``. ``linked``: the
        texts of remote elements by URL; None for one that could not be fetched.

        Raises BadManifest, BlockedAddress for a BaseURL that is not http, Stopped.
        """
        request = {
            "do": "mpd",
            "text": text,
            "url": url,
            "representation": representation,
            "linked": dict(linked or {}),
        }
        answer = self._ask(request, client)
        from downloads.engine.resolver.manifests.answers import read_presentation

        return read_presentation(answer)

    def feed(
        self, text: str, url: str, start: int, count: int, client: Client | None = None
    ) -> RawFeed:
        """Return the entries of the feed or playlist at ``url``, ``count`` from ``start`` on.

        Raises BadManifest, Stopped.
        """
        request = {"do": "feed", "text": text, "url": url, "start": start, "count": count}
        answer = self._ask(request, client)
        from downloads.engine.resolver.feeds.answer import read_feed

        return read_feed(answer)

    def _ask(self, request: dict[str, Any], client: Client | None) -> Any:
        try:
            answer = self._ask_one(request, client)
        except JailFailed as failed:
            if failed.failure is not JailFailure.DIED:
                raise _by_text(failed) from failed
            answer = self._ask_another(request, client)
        match answer:
            case {"bad": str(detail)}:
                raise broken(detail[:500])
            case {"big": str(detail)}:
                raise too_big(detail[:500])
            case {"elsewhere": str(scheme)}:
                raise leads_elsewhere(scheme)
        return answer

    def _ask_one(self, request: dict[str, Any], client: Client | None) -> Any:
        user, stop = (client.user, client.stop) if client is not None else ("", None)
        with self._pool.worker(user=user, stop=stop) as worker:
            if not worker.uses:  # an interpreter that is still starting is not the text's fault
                worker.ask({"do": "nothing"}, timeout=_START_WITHIN, stop=stop)
            cpu = PARSE_CPU * (1 + len(request.get("text", "")) / _DOUBLED)
            return worker.ask(request, timeout=PARSE_WITHIN, cpu=cpu, stop=stop)

    def _ask_another(self, request: dict[str, Any], client: Client | None) -> Any:
        """Repeat the request: something else may have killed the first child. If another dies too,
        the text is the cause."""
        try:
            return self._ask_one(request, client)
        except JailFailed as failed:
            raise _by_text(failed) from failed

    def _worker(self) -> JailedWorker:
        return JailedWorker(
            python_module(self._module),
            Confinement(
                work_dir=workdirs.new("manifest"),
                memory_bytes=_MEMORY,
                cpu_seconds=_USES * 6,
                file_bytes=MIB,
                niceness=0,  # a user is waiting, and it is short
                read_paths=(PACKAGE,),
            ),
            max_line=_LONGEST_ANSWER,
            most_values=_MOST_VALUES,
            remove_folder=True,
        )

    def close(self) -> None:
        self._pool.close()


def _by_text(failed: JailFailed) -> DownloadError:
    return broken(failed.detail) if failed.failure in _TEXTS_FAULT else failed


_shared: Parser | None = None
_lock = threading.Lock()


def parser() -> Parser:
    """Return the parser of this process, made on first use."""
    global _shared
    with _lock:
        if _shared is None:
            _shared = Parser()
            atexit.register(_shared.close)
        return _shared
