"""The engine with short waits, and everything that is passed into it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.media import Stream
from downloads.engine.core.progress import Progress
from downloads.engine.egress.client import Client
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.transfer import engine
from downloads.engine.transfer.bandwidth import TokenBucket
from downloads.engine.transfer.checkpoint import Checkpoint, CheckpointStore
from downloads.engine.transfer.config import KIB, TransferConfig
from downloads.engine.transfer.engine import TransferOutcome
from downloads.engine.transfer.request import FileRequest
from downloads.engine.transfer.sinks.base import Sink
from downloads.engine.transfer.sinks.local import LocalSink
from tests.support.content import sha256
from tests.support.memory import MemoryCheckpointStore
from tests.support.origin import Origin

LOOPBACK = AddressPolicy(parse_allowed_networks("127.0.0.0/8"))
QUICK = TransferConfig(
    min_segment=256 * KIB,
    checkpoint_interval=0.02,
    backoff=0.01,
    backoff_limit=0.05,
    stall_timeout=1.0,
    ramp_window=0.05,
)


@dataclass
class Fetcher:
    origin: Origin
    directory: Path
    generation: int = 1
    config: TransferConfig = QUICK
    stop: StopToken = field(default_factory=StopToken)
    store: CheckpointStore[Checkpoint] = field(default_factory=MemoryCheckpointStore)
    sink: Sink | None = None
    limiter: TokenBucket = field(default_factory=TokenBucket)
    refresh: Callable[[], Stream] | None = None
    reports: list[Progress] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = Client(LOOPBACK, stop=self.stop)

    def limit(self, **limits: Any) -> None:
        self.config = replace(self.config, **limits)

    def local_sink(self) -> LocalSink:
        return LocalSink(self.directory, self.generation, self.stop)

    def fetch(self, path: str) -> TransferOutcome:
        return self.run(Stream(self.origin.url(path)))

    def run(self, stream: Stream, **options: Any) -> TransferOutcome:
        request = FileRequest(
            client=self.client,
            stop=self.stop,
            config=self.config,
            limiter=self.limiter,
            on_progress=self.reports.append,
            stream=stream,
            refresh=self.refresh,
        )
        return engine.run(replace(request, **options), self.sink or self.local_sink(), self.store)

    def exact(self, path: str) -> TransferOutcome:
        """Fetch and compare with what the origin serves now."""
        outcome = self.fetch(path)
        data = self.origin.files[path].data
        assert outcome.size == len(data)
        assert outcome.sha256 == sha256(data)
        if self.sink is None:
            assert self.local_sink().path.read_bytes() == data
        return outcome


def in_background(work: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    """Run it on a thread; the list holds what it raised."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, raised
