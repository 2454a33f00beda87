"""The seam to ``storages["media"]``: Django's storage API, and what the engine needs besides."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from django.core.files.storage import Storage, storages

from downloads.engine.core.byte_range import ByteRange
from downloads.storage.block_source import BlockSource

if TYPE_CHECKING:  # the sinks load botocore, which the web process does without
    from downloads.engine.core.cancellation import StopToken
    from downloads.engine.core.progress import Progress
    from downloads.engine.transfer.sinks.base import Stored
    from downloads.engine.transfer.sinks.local import LocalSink
    from downloads.engine.transfer.sinks.object import UnfinishedUpload
    from downloads.engine.transfer.sinks.s3 import S3Sink


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A rendition on its way: its work folder on this host, and its generation (see LocalSink)."""

    rendition_id: uuid.UUID
    folder: Path
    generation: int


class MediaStorage(Storage, ABC):
    """Finished files. All methods raise StorageUnavailable for what the disk or bucket refuses,
    and SuspiciousFileOperation for names that lead out of it."""

    is_bucket: ClassVar[bool]

    @abstractmethod
    def sink(
        self, name: str, unfinished: Unfinished, stop: StopToken, *, cap: int
    ) -> LocalSink | S3Sink:
        """Return the sink for the parts of the file that will have this name.

        ``cap``: largest size in bytes, if the source does not state one.
        """

    @abstractmethod
    def put(
        self,
        path: Path,
        name: str,
        stored: Stored,
        rendition_id: uuid.UUID,
        stop: StopToken,
        on_progress: Callable[[Progress], None],
    ) -> None:
        """Move a finished file of the work folder to its name. May be repeated after a crash.

        Raises Stopped, DiskFull.
        """

    @abstractmethod
    def holds(self, name: str, stored: Stored, stop: StopToken) -> bool:
        """Return True if this very file is there. Raises Stopped."""

    @abstractmethod
    def read(self, name: str, size: int, byte_range: ByteRange) -> BlockSource:
        """Open the ``byte_range`` part of a file of ``size`` bytes.

        Raises FileLost if it is missing or has another size.
        """

    @abstractmethod
    def check_stored(self, name: str, size: int) -> None:
        """Raise FileLost if the file is missing or has another size. Takes seconds at most."""

    @abstractmethod
    def files(self) -> Iterator[tuple[str, int]]:
        """Yield name and size of everything in the storage, Ferry's or not, but unfinished
        files."""

    @abstractmethod
    def local_path(self, name: str) -> Path | None:
        """Return the file's path on the disk; None in a bucket."""

    @abstractmethod
    def signed_url(self, name: str, *, content_type: str, disposition: str) -> str | None:
        """Return a URL at the storage that answers GET for a few minutes with these headers;
        None if it has no URLs."""

    @abstractmethod
    def check_ready(self) -> None:
        """Raise StorageUnavailable if nothing can be written."""

    def server_time(self) -> float | None:
        """Return the clock of the storage's server in Unix seconds; None if it is this host's.
        Raises StorageUnavailable."""
        return None

    # --- what only buckets have: uploads that are not finished ---

    def name_begun(self, key: str) -> str:
        """Return the name of an upload's key; empty if the key is none of this storage."""
        return ""

    def discard_uploads(self, rendition_id: uuid.UUID) -> None:
        """Abort all uploads of a rendition, known to its row or not."""

    def uploads(self) -> Sequence[UnfinishedUpload]:
        """Return all unfinished uploads of the bucket, of any process."""
        return ()

    def abort(self, upload: UnfinishedUpload) -> None:
        """Abort one. May be repeated."""


def media_storage() -> MediaStorage:
    """Return the storage of finished files that the settings name."""
    return cast(MediaStorage, storages["media"])
