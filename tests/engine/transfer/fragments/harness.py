"""A list of fragments at the misbehaving origin, and the engine with short waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.media import Fragment, FragmentList
from downloads.engine.core.progress import Progress
from downloads.engine.egress.client import Client
from downloads.engine.pipeline.stream_stores import StreamStore
from downloads.engine.transfer.bandwidth import TokenBucket
from downloads.engine.transfer.checkpoint import CheckpointStore
from downloads.engine.transfer.config import TransferConfig
from downloads.engine.transfer.fragments import engine
from downloads.engine.transfer.fragments.acceptance import FragmentCheck
from downloads.engine.transfer.fragments.checkpoint import FragmentCheckpoint
from downloads.engine.transfer.fragments.engine import FragmentsOutcome
from downloads.engine.transfer.fragments.job import FragmentsRequest
from downloads.engine.transfer.fragments.spool import FragmentSpool
from downloads.engine.transfer.stream_checkpoints import FileStreamCheckpoints
from tests.engine.transfer.harness import LOOPBACK, QUICK
from tests.support.content import content
from tests.support.memory import MemoryCheckpointStore
from tests.support.origin import Origin

FOUR = replace(QUICK, connections=4)


def body(index: int, size: int = 100_000) -> bytes:
    """Every fragment has its own bytes and its own length."""
    return content(size, seed=7)[index:] + index.to_bytes(4, "big")


def file_store(path: Path) -> StreamStore[FragmentCheckpoint]:
    """The store of one stream in a file, as it is on the disk now."""
    return StreamStore(FileStreamCheckpoints(path, "k"), "0", FragmentCheckpoint)


@dataclass
class Piecewise:
    origin: Origin
    directory: Path
    generation: int = 1
    config: TransferConfig = FOUR
    stop: StopToken = field(default_factory=StopToken)
    store: CheckpointStore[FragmentCheckpoint] = field(default_factory=MemoryCheckpointStore)
    limiter: TokenBucket = field(default_factory=TokenBucket)
    load: Callable[[], FragmentList] | None = None
    check: FragmentCheck | None = None
    reports: list[Progress] = field(default_factory=list)
    fragments: tuple[Fragment, ...] = ()
    expected: bytes = b""
    key: str = "k"

    def __post_init__(self) -> None:
        self.client = Client(LOOPBACK, stop=self.stop)
        self.spool = FragmentSpool(self.directory, self.generation, self.stop)

    def limit(self, **limits: Any) -> None:
        self.config = replace(self.config, **limits)

    def serve(self, bodies: Sequence[bytes], **knobs: Any) -> None:
        for index, data in enumerate(bodies):
            self.origin.serve(f"/{index}", data, **knobs)
        self.fragments = tuple(
            Fragment(self.origin.url(f"/{index}"), duration=2.0) for index in range(len(bodies))
        )
        self.expected = b"".join(bodies)

    def listing(self) -> FragmentList:
        return FragmentList(self.fragments, "ts", self.key)

    def fetch(self) -> FragmentsOutcome:
        request = FragmentsRequest(
            client=self.client,
            stop=self.stop,
            config=self.config,
            limiter=self.limiter,
            on_progress=self.reports.append,
            load=self.load or self.listing,
            check=self.check,
        )
        return engine.run(request, self.spool, self.store)

    def exact(self) -> FragmentsOutcome:
        """Fetch, feed and compare with what was served."""
        outcome = self.fetch()
        assert b"".join(self.spool.feed()) == self.expected
        assert (outcome.size, outcome.fragments) == (len(self.expected), len(self.fragments))
        return outcome

    def asked(self, path: str) -> int:
        return sum(asked.path == path for asked in self.origin.log)

    def successor(self) -> Piecewise:
        """The next generation, as after a lost worker."""
        return replace(self, generation=self.generation + 1, stop=StopToken(), reports=[])
