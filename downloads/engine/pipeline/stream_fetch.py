"""The fetch of one stream to the disk, by the engine for its kind."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from downloads.engine.core.cancellation import BranchStop
from downloads.engine.core.errors import LINK_REFUSED
from downloads.engine.core.media import Format, FragmentList, Protocol, Stream, Validators
from downloads.engine.core.progress import Progress
from downloads.engine.pipeline.gap_notes import gap_notes
from downloads.engine.pipeline.job import FetchJob
from downloads.engine.pipeline.link_refresh import Renewal
from downloads.engine.pipeline.media_check import inspector
from downloads.engine.pipeline.reachable import reachable
from downloads.engine.pipeline.stream_stores import StreamCheckpoints, StreamStore
from downloads.engine.resolver import dead_streams
from downloads.engine.resolver import fragments as loading
from downloads.engine.transfer import engine
from downloads.engine.transfer.checkpoint import Checkpoint, Storable
from downloads.engine.transfer.fragments import engine as fragments_engine
from downloads.engine.transfer.fragments.acceptance import check_media
from downloads.engine.transfer.fragments.checkpoint import FragmentCheckpoint
from downloads.engine.transfer.fragments.job import FragmentsRequest
from downloads.engine.transfer.fragments.spool import FragmentSpool
from downloads.engine.transfer.sinks.local import LocalSink

S = TypeVar("S", bound=Storable)


class StreamFetch:
    """A fetch of one stream to the disk. ``run`` blocks; the rest may be read meanwhile."""

    def __init__(
        self,
        place: int,
        job: FetchJob,
        checkpoints: StreamCheckpoints,
        renewal: Renewal,
        chosen: Format,
        first_list: FragmentList | None,
    ) -> None:
        self._place = place
        self._stream = chosen.stream
        self._format_id = chosen.id
        self._ext = chosen.ext
        self._job = job
        self._checkpoints = checkpoints
        self.renewal = renewal
        self._list = first_list
        self._loaded = False
        self.renewals = 0
        self._expected = chosen.size
        self.stop = BranchStop(job.stop)
        self.progress = Progress(0, self._expected)
        self.error: BaseException | None = None
        self.ended = threading.Event()
        self.validators: Validators | None = None
        self.spool: FragmentSpool | None = None
        self.path: Path | None = None

    def prepare(self, folder: Path, generation: int) -> None:
        """Set the place that it is stored at."""
        own = folder / str(self._place)
        if self._stream.protocol is Protocol.FILE:
            self._sink = LocalSink(own, generation, self.stop, digest=False)
            self.path = self._sink.path
        else:
            self.spool = FragmentSpool(own, generation, self.stop)

    def run(self) -> None:
        try:
            self._fetch_file() if self.spool is None else self._fetch_fragments(self.spool)
        except BaseException as error:  # noqa: BLE001
            dead_streams.note(self._format_id, error, self._job.client)
            self.error = error  # it crosses to the thread that joins the streams
        finally:
            self._checkpoints.release()
            self.ended.set()

    def _fetch_file(self) -> None:
        self._stream = reachable(self._stream, self._job.client)
        request = replace(self._job, stop=self.stop).transfer(
            self._stream,
            on_progress=self._tell,
            refresh=self._renewed,
            inspect=inspector(self._ext),
        )
        outcome = engine.run(request, self._sink, self._store(Checkpoint))
        self.validators = outcome.validators

    def _fetch_fragments(self, spool: FragmentSpool) -> None:
        request = FragmentsRequest(
            client=self._job.client,
            stop=self.stop,
            config=self._job.config,
            limiter=self._job.limiter,
            on_progress=self._tell,
            load=self._load,
            check=check_media,
        )
        fragments_engine.run(request, spool, self._store(FragmentCheckpoint))

    def _store(self, kind: type[S]) -> StreamStore[S]:
        return StreamStore(self._checkpoints, str(self._place), kind)

    def _load(self) -> FragmentList:
        """Return the list; again, if requested, with fresh links."""
        known, self._loaded = self._loaded, True
        if known or self._list is None:
            self._list = self._load_anew(expired=known)
        for sentence in gap_notes(self._list.gaps, self._stream.kind):
            self._job.notes.add(sentence)
        self.validators = Validators(etag=self._list.key)
        return self._list

    def _load_anew(self, *, expired: bool) -> FragmentList:
        if not expired:
            try:
                return loading.load(self._stream, self._job.client)
            except LINK_REFUSED:
                pass  # the list's own link has expired, perhaps during a pause
        # A fragment that fails with a fresh link is missing there: a redundant list may have it.
        stream = self._renewed().beginning_at(self.renewals)
        self.renewals += 1
        return loading.load(stream, self._job.client)

    def _renewed(self) -> Stream:
        self._stream = self.renewal.another(self._place)
        return self._stream

    def _tell(self, progress: Progress) -> None:
        self.progress = progress

    @property
    def container(self) -> str:
        """The container by the list; empty until it is known."""
        return self._list.container if self._list else ""

    @property
    def duration(self) -> float:
        """The duration in seconds by the list; 0 if it is not known."""
        return self._list.duration if self._list else 0.0

    @property
    def total(self) -> int | None:
        """The size in bytes; the source's declaration or guess until the engine knows better."""
        return self.progress.bytes_total or self._expected
