"""The request of a transfer: everything but the target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.media import Stream
from downloads.engine.core.progress import Progress, unreported
from downloads.engine.egress.client import Client, Response
from downloads.engine.transfer.bandwidth import TokenBucket
from downloads.engine.transfer.config import DEFAULTS, TransferConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRequest:
    """The request of a transfer of any kind. ``on_progress`` is called from the transfer's own
    thread."""

    client: Client
    stop: StopToken
    config: TransferConfig = DEFAULTS
    limiter: TokenBucket = field(default_factory=TokenBucket)
    on_progress: Callable[[Progress], None] = unreported


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRequest(TransferRequest):
    """A request to fetch one stream that is a file.

    ``refresh`` and ``inspect`` are called from another thread: the first returns the stream with a
    link that works again, the second raises NotMedia if an answer is not the file (see
    TransferSource).
    """

    stream: Stream
    refresh: Callable[[], Stream] | None = None
    inspect: Callable[[Response], None] | None = None
