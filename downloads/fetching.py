"""All streams of a selection at once: a thread each, into files and spools below one folder.

The engines know one stream each. Here they are joined: one ends, all end; the progress of all is
one; links that have expired are resolved again once for all of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from downloads import streams
from downloads.egress.client import Client
from downloads.exceptions import (
    LoginRequired,
    SourceChanged,
    StopReason,
    Unavailable,
)
from downloads.resolver import fragments as loading
from downloads.resolver import sniff
from downloads.resolver.manifests import refusals
from downloads.stop import BranchStop, StopToken
from downloads.streams import (
    Format,
    FragmentList,
    Selection,
    Source,
    Stream,
    Validators,
    combined_revision,
)
from downloads.transfer import engine
from downloads.transfer.bandwidth import TokenBucket
from downloads.transfer.checkpoint import Checkpoint
from downloads.transfer.config import TransferConfig
from downloads.transfer.fragments import engine as fragments_engine
from downloads.transfer.fragments.checkpoint import FragmentCheckpoint
from downloads.transfer.fragments.spool import FragmentSpool
from downloads.transfer.progress import Progress
from downloads.transfer.sinks.local import LocalSink

FILE = streams.Protocol.FILE
_HEAD = 2048  # bytes
QUIET = 2.0  # seconds without a sign of life after which a stream does not vouch for the job


@dataclass(frozen=True, slots=True)
class Tools:
    """What a job works with, besides its own facts."""

    client: Client
    stop: StopToken
    config: TransferConfig
    limiter: TokenBucket

    def with_connections(self, count: int) -> Tools:
        return replace(self, config=replace(self.config, connections=count))


class StreamCheckpoints(Protocol):
    """By the names of the streams; used from several threads. See ``queue.checkpoints``."""

    def load(self, stream: str) -> Any: ...

    def save(self, stream: str, checkpoint: dict[str, Any]) -> None: ...

    def release(self) -> None:
        """Called at the end of each thread that has used it."""


Lists = Mapping[int, FragmentList]


def load_lists(selection: Selection, client: Client) -> Lists:
    """What the streams consist of, by their places; a whole file is in no list.

    Raises BadManifest, UnsupportedURL, and what the client raises.
    """
    return {
        place: loading.load(stream, client)
        for place, stream in enumerate(selection.streams)
        if stream.protocol is not FILE
    }


def revision_of(selection: Selection, lists: Lists) -> str:
    """The version of all the bytes chosen: a list has its key, a file its validators."""
    return combined_revision(
        Validators(etag=lists[place].key) if place in lists else stream.validators
        for place, stream in enumerate(selection.streams)
    )


def looked_at(stream: Stream, client: Client) -> Stream:
    """A file that a page or a list named, and nobody has seen yet: where redirects lead, with the
    answer parked in ``client`` for the engine.

    Raises BadManifest where it is a list of files instead of media, and what the client raises.
    """
    response = client.get(stream.url, headers=stream.headers, start=0)
    if sniff.is_list(response.peek(_HEAD)):
        response.close()
        raise refusals.no_media("a file")
    client.park(response)
    return replace(stream, url=response.url, headers=response.sent_headers)


class Renewal:
    """Expired links, resolved again: the same formats, found by their ids. Thread-safe."""

    def __init__(self, formats: Sequence[Format], ask: Callable[[], Source]) -> None:
        self._ids = [chosen.id for chosen in formats]
        self._streams = [chosen.stream for chosen in formats]
        self._given = [0] * len(formats)  # which answer of the source each place has had
        self._answers = 0
        self._ask = ask
        self._lock = threading.Lock()

    def another(self, place: int) -> Stream:
        """A link for the stream at ``place`` that it has not had yet.

        The source is asked once for all streams whose links expired together. Raises
        SourceChanged where it does not offer the same formats any more.
        """
        with self._lock:
            if self._given[place] == self._answers:
                offered = {chosen.id: chosen.stream for chosen in self._ask().formats}
                if not offered.keys() >= set(self._ids):
                    raise SourceChanged("the source does not offer the same formats any more")
                self._streams = [offered[each] for each in self._ids]
                self._answers += 1
            self._given[place] = self._answers
            return self._streams[place]


class StreamFetch:
    """One stream on its way to the disk. ``run`` blocks; the rest may be read meanwhile."""

    def __init__(
        self,
        place: int,
        tools: Tools,
        checkpoints: StreamCheckpoints,
        renewal: Renewal,
        chosen: Format,
        first_list: FragmentList | None,
    ) -> None:
        self._place = place
        self._stream = chosen.stream
        self._tools = tools
        self._checkpoints = checkpoints
        self._renewal = renewal
        self._list = first_list
        self._loaded = False
        self._expected = chosen.size
        self.stop = BranchStop(tools.stop)
        self.progress = Progress(0, self._expected)
        self.error: BaseException | None = None
        self.ended = threading.Event()
        self.validators: Validators | None = None
        self.spool: FragmentSpool | None = None
        self.path: Path | None = None

    def prepare(self, folder: Path, generation: int) -> None:
        """Name the place that it goes to."""
        own = folder / str(self._place)
        if self._stream.protocol is FILE:
            self._sink = LocalSink(own, generation, self.stop, digest=False)
            self.path = self._sink.path
        else:
            self.spool = FragmentSpool(own, generation, self.stop)

    def run(self) -> None:
        try:
            self._fetch_file() if self.spool is None else self._fetch_fragments(self.spool)
        except BaseException as error:  # noqa: BLE001
            self.error = error  # it crosses to the thread that joins the streams
        finally:
            self._checkpoints.release()
            self.ended.set()

    def _fetch_file(self) -> None:
        outcome = engine.run(
            self._stream,
            self._sink,
            client=self._tools.client,
            store=_FileStore(self._checkpoints, str(self._place)),
            stop=self.stop,
            config=self._tools.config,
            on_progress=self._tell,
            refresh=self._renewed,
            limiter=self._tools.limiter,
        )
        self.validators = outcome.validators

    def _fetch_fragments(self, spool: FragmentSpool) -> None:
        fragments_engine.run(
            self._load,
            spool,
            client=self._tools.client,
            store=_FragmentStore(self._checkpoints, str(self._place)),
            stop=self.stop,
            config=self._tools.config,
            on_progress=self._tell,
            limiter=self._tools.limiter,
        )

    def _load(self) -> FragmentList:
        """The list; where it is asked for again, one with links that work."""
        known, self._loaded = self._loaded, True
        if known or self._list is None:
            self._list = self._load_anew(expired=known)
        self.validators = Validators(etag=self._list.key)
        return self._list

    def _load_anew(self, *, expired: bool) -> FragmentList:
        if not expired:
            try:
                return loading.load(self._stream, self._tools.client)
            except (Unavailable, LoginRequired):
                pass  # the list's own link has expired, over a pause perhaps
        return loading.load(self._renewed(), self._tools.client)

    def _renewed(self) -> Stream:
        self._stream = self._renewal.another(self._place)
        return self._stream

    def _tell(self, progress: Progress) -> None:
        self.progress = progress

    @property
    def container(self) -> str:
        """As the list says; empty until it is known."""
        return self._list.container if self._list else ""

    @property
    def duration(self) -> float:
        """Seconds, by the list; 0 where that is not known."""
        return self._list.duration if self._list else 0.0

    @property
    def total(self) -> int | None:
        """In bytes; the source's own word or guess until the engine knows better."""
        return self.progress.bytes_total or self._expected


class Fetching:
    """The streams of one selection. Use as a context: however it is left, all have ended."""

    def __init__(self, fetches: Sequence[StreamFetch], trunk: StopToken) -> None:
        self.fetches = fetches
        self._trunk = trunk
        self._threads = [
            threading.Thread(target=fetch.run, name=f"stream-{place}", daemon=True)
            for place, fetch in enumerate(fetches)
        ]

    def __enter__(self) -> Fetching:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        for fetch in self.fetches:
            fetch.stop.stop(StopReason.UNWANTED)
        for thread in self._threads:
            thread.join()

    def look(self) -> None:
        """Beat for the job while all streams that still run beat; raise what one has raised."""
        failed = next((fetch for fetch in self.fetches if fetch.error is not None), None)
        if failed is not None and failed.error is not None:
            raise failed.error
        if self._running and all(fetch.stop.idle_seconds < QUIET for fetch in self._running):
            self._trunk.beat()

    def wait(self, seconds: float) -> None:
        """No longer than until one stream ends."""
        if running := self._running:
            running[0].ended.wait(seconds)

    @property
    def is_complete(self) -> bool:
        return all(fetch.ended.is_set() and fetch.error is None for fetch in self.fetches)

    @property
    def has_failed(self) -> bool:
        return any(fetch.error is not None for fetch in self.fetches)

    @property
    def _running(self) -> list[StreamFetch]:
        return [fetch for fetch in self.fetches if not fetch.ended.is_set()]

    @property
    def progress(self) -> Progress:
        """Of all streams together."""
        parts = [fetch.progress for fetch in self.fetches]
        totals = [fetch.total for fetch in self.fetches]
        total = None if None in totals else sum(each for each in totals if each is not None)
        return Progress(
            sum(part.bytes_done for part in parts),
            total,
            sum(fetch.progress.speed for fetch in self._running),
            None,
            sum(part.connections for part in parts),
            sum(part.resumed_bytes for part in parts),
        )

    @property
    def revision(self) -> str:
        """Of what was fetched; the source may have changed since it was resolved."""
        return combined_revision(fetch.validators or Validators() for fetch in self.fetches)


class _FileStore:
    def __init__(self, checkpoints: StreamCheckpoints, name: str) -> None:
        self._checkpoints = checkpoints
        self._name = name

    def load(self) -> Checkpoint | None:
        return Checkpoint.from_dict(self._checkpoints.load(self._name))

    def save(self, checkpoint: Checkpoint) -> None:
        self._checkpoints.save(self._name, checkpoint.to_dict())


class _FragmentStore:
    def __init__(self, checkpoints: StreamCheckpoints, name: str) -> None:
        self._checkpoints = checkpoints
        self._name = name

    def load(self) -> FragmentCheckpoint | None:
        return FragmentCheckpoint.from_dict(self._checkpoints.load(self._name))

    def save(self, checkpoint: FragmentCheckpoint) -> None:
        self._checkpoints.save(self._name, checkpoint.to_dict())
