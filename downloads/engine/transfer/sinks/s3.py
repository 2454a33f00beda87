"""A sink straight into an S3 multipart upload: no byte touches a disk.

The reactor fills part buffers, uploaders empty them; neither waits for the other. The storage's own
list of parts says what is durable, so any host can resume. Late parts of an older worker can only
repeat a part with the same bytes: another version of the source begins another upload.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.cancellation import StopToken
from downloads.engine.transfer.checkpoint import Checkpoint, Upload
from downloads.engine.transfer.sinks.base import Stored
from downloads.engine.transfer.sinks.multipart import Multipart
from downloads.engine.transfer.sinks.object import ObjectTarget, Part, StoredObject, UploadGone
from downloads.engine.transfer.sinks.parts import buffers_for, part_size_for
from downloads.engine.transfer.sinks.retry import ask

if TYPE_CHECKING:  # 4 MiB: not where the storage is local
    from botocore.config import Config

_DEFAULTS: Final[dict[str, Any]] = {
    "request_checksum_calculation": "when_required",
    "response_checksum_validation": "when_required",
    "retries": {"total_max_attempts": 1},
}


class S3Sink:
    """A sink of one object. ``cap``: the largest size that may come, in bytes, if the source does
    not give it. ``digest=False`` leaves the SHA-256 out.

    ``publish`` makes the object appear, after ``finish``.
    """

    alignment = 4096
    part = ("", 0)
    write_from = None

    def __init__(
        self, target: ObjectTarget, stop: StopToken, *, cap: int, digest: bool = True
    ) -> None:
        self._object = StoredObject(target)
        self._stop = stop
        self._cap = cap
        self._hashes = digest
        self._multipart: Multipart | None = None
        self._known: Stored | None = None

    @property
    def key(self) -> str:
        return self._object.key

    @property
    def segment_size(self) -> int | None:
        return self._now.part_size

    @property
    def most_connections(self) -> int:
        """Return half of the buffers: the others are for the upload."""
        return buffers_for(self._now.part_size) // 2

    @property
    def pending(self) -> int:
        return self._now.pending

    @property
    def upload(self) -> Upload | None:
        return self._now.upload

    def open(self, total: int | None, checkpoint: Checkpoint | None) -> Sequence[ByteRange]:
        self._stop.check()
        self._drop()
        upload = checkpoint and checkpoint.upload
        if checkpoint and upload and upload.key == self.key:
            found = self._resume(checkpoint, upload)
            if found is not None:
                return found
        part_size = part_size_for(self._cap if total is None else total)
        self._multipart = Multipart(self._object, self._stop, part_size, total, hashes=self._hashes)
        return ()

    def room(self, offset: int, most: int) -> int:
        return self._now.room(offset, most)

    def write_at(self, offset: int, data: memoryview) -> None:
        self._stop.check()
        self._now.write(offset, data)

    def settle(self, prefix: int) -> int:
        now = self._now
        return max(0, prefix - 1) if now.settle() else prefix  # one part at a time

    def flush(self, written: Sequence[ByteRange]) -> Sequence[ByteRange]:
        return self._now.stored

    def saved(self) -> None:
        """Do nothing: all generations continue one upload."""

    def finish(self, size: int) -> Stored:
        stored = self._now.finish(size)
        self._known = self._known or stored
        return self._known

    def publish(self, stored: Stored) -> None:
        """Make the object appear. May be repeated. Raises Stopped, StorageUnavailable."""
        self._now.publish(stored.size)

    def close(self) -> None:
        if self._multipart is not None:
            self._multipart.close()

    def abort(self) -> None:
        if self._multipart is not None:
            self._multipart.abort()

    def _resume(self, checkpoint: Checkpoint, upload: Upload) -> Sequence[ByteRange] | None:
        """Resume the upload. Return its ranges; None if it is gone."""
        total = checkpoint.total or 0
        sizes = _sizes(total, upload.part_size)
        try:
            parts = ask(lambda: self._object.parts(upload.id), self._stop)
        except UploadGone:
            if not (checkpoint.complete and ask(lambda: self._object.is_there(total), self._stop)):
                return None
            # Already published by an earlier run.
            parts = {number: Part(number, "", size) for number, size in sizes.items()}
        fitting = {n: part for n, part in parts.items() if part.size == sizes.get(n)}
        self._multipart = Multipart(
            self._object, self._stop, upload.part_size, total, upload, fitting, hashes=self._hashes
        )
        if checkpoint.complete:
            self._known = Stored(total, checkpoint.sha256)
        return self._multipart.stored

    def _drop(self) -> None:
        """Abort the upload: another version begins."""
        self._known = None
        if self._multipart is not None:
            ask(self._multipart.abort, self._stop)
            self._multipart = None

    @property
    def _now(self) -> Multipart:
        if self._multipart is None:
            raise RuntimeError("the sink is not open")
        return self._multipart


def _sizes(total: int, part_size: int) -> dict[int, int]:
    """Return the size of each part by its number."""
    starts = range(0, total, part_size)
    return {n: min(part_size, total - start) for n, start in enumerate(starts, 1)}


class ClientFromEnvironment:
    """A client by boto3's own configuration: AWS_ACCESS_KEY_ID, AWS_PROFILE, AWS_ENDPOINT_URL...

    AWS_S3_ENDPOINT_URL and AWS_S3_REGION_NAME, the names of Ferry's settings, count too. Made once,
    on the first call; other callers wait meanwhile.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: Any = None

    def __call__(self) -> Any:
        with self._lock:
            if self._made is None:
                self._made = _client_from_environment()
            return self._made

    def prepare(self) -> None:
        """Start making the client, and return at once. Its caller gets the error, if any."""
        threading.Thread(target=self._prepare, name="s3-client", daemon=True).start()

    def _prepare(self) -> None:
        with contextlib.suppress(BotoCoreError, ValueError, OSError):
            self()


def _client_from_environment() -> Any:
    import boto3  # 0.1 s with the client, while the first part is filled
    from botocore.config import Config

    named = ("AWS_S3_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    endpoint = next((os.environ[name] for name in named if os.environ.get(name)), None)
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=os.environ.get("AWS_S3_REGION_NAME") or None,
        config=for_many_threads(Config(connect_timeout=5, read_timeout=20), endpoint),
    )


def for_many_threads(configured: Config, endpoint: str | None = None) -> Config:
    """Return ``configured`` with the settings that a multipart upload needs besides; its own
    stay."""
    # R2 and MinIO refuse the checksums that boto3 adds by default. Over TLS the payload needs no
    # signature, which would be another pass over it. botocore's retries check no stop.
    from botocore.config import Config

    unset = {name: how for name, how in _DEFAULTS.items() if getattr(configured, name) is None}
    wanted = Config(
        max_pool_connections=max(32, configured.max_pool_connections),
        s3={**_unsigned(endpoint), **(configured.s3 or {})},
        **unset,
    )
    return configured.merge(wanted)


def _unsigned(endpoint: str | None) -> dict[str, Any]:
    plain = endpoint is not None and endpoint.startswith("http://")
    return {} if plain else {"payload_signing_enabled": False}
