"""The durable state of an unfinished transfer, and its stores."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

from downloads.engine.core import disk
from downloads.engine.core.byte_range import ByteRange, merge
from downloads.engine.core.media import Validators

VERSION = 1


@dataclass(frozen=True, slots=True)
class Upload:
    """An S3 multipart upload under way. ``part_size`` is in bytes, equal for all but the last.

    The parts themselves are not remembered: the storage's own list is the truth.
    """

    key: str
    id: str
    part_size: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The durable state of one transfer.

    ``ranges`` are durable in the part called ``part``, which generation ``generation`` made, or in
    ``upload``. ``complete``: every byte is there, only publishing is left; ``sha256`` is known then
    (None if the sink does not hash). ``validators`` identify the version of the bytes.
    """

    validators: Validators = field(default_factory=Validators)
    total: int | None = None
    ranges: tuple[ByteRange, ...] = ()
    part: str = ""
    generation: int = 0
    complete: bool = False
    sha256: str | None = None
    upload: Upload | None = None

    @property
    def done(self) -> int:
        return sum(r.size for r in self.ranges)

    def to_dict(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "etag": self.validators.etag,
            "lastModified": self.validators.last_modified,
            "size": self.validators.size,
            "total": self.total,
            "ranges": [[r.start, r.end] for r in self.ranges],
            "part": self.part,
            "generation": self.generation,
            "complete": self.complete,
            "sha256": self.sha256,
            "upload": self.upload and asdict(self.upload),
        }

    @classmethod
    def from_dict(cls, data: object) -> Checkpoint | None:
        """Return the checkpoint, None for other data or another version: the transfer then begins
        at zero."""
        if not isinstance(data, dict) or data.get("version") != VERSION:
            return None
        try:
            checkpoint = _read(data)
        except (KeyError, TypeError, ValueError):
            return None
        return checkpoint if _is_sound(checkpoint) else None


def _read(data: dict[str, Any]) -> Checkpoint:
    return Checkpoint(
        validators=Validators(
            _text(data["etag"]), _text(data["lastModified"]), _count(data["size"])
        ),
        total=_count(data["total"]),
        ranges=tuple(ByteRange(_index(start), _index(end)) for start, end in data["ranges"]),
        part=_text(data["part"]) or "",
        generation=_index(data["generation"]),
        complete=data["complete"] is True,
        sha256=_text(data["sha256"]),
        upload=_upload(data.get("upload")),
    )


def _upload(data: Any) -> Upload | None:
    if data is None:
        return None
    upload = Upload(_text(data["key"]) or "", _text(data["id"]) or "", _index(data["part_size"]))
    if not (upload.key and upload.id and upload.part_size):
        raise ValueError("not an upload")
    return upload


def _is_sound(checkpoint: Checkpoint) -> bool:
    ranges, total, part = checkpoint.ranges, checkpoint.total, checkpoint.part
    if ranges != merge(ranges) or (ranges and total is not None and ranges[-1].end > total):
        return False
    if checkpoint.complete and (total is None or checkpoint.done != total):
        return False
    return part == Path(part).name and part != ".."


def _index(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("not a count of bytes")
    return value


def _count(value: object) -> int | None:
    return None if value is None else _index(value)


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError("not a text")
    return value


class CheckpointNotSaved(OSError):
    """The store is unavailable right now; the previous checkpoint still holds."""


class Storable(Protocol):
    """A checkpoint, of a file or of fragments."""

    def to_dict(self) -> dict[str, Any]: ...

    @classmethod
    def from_dict(cls, data: object) -> Self | None: ...


C = TypeVar("C")


class CheckpointStore(Protocol[C]):
    """A store of one checkpoint, called from the thread that called ``run``, never from another."""

    def load(self) -> C | None: ...

    def save(self, checkpoint: C) -> None:
        """Write durably. Raises CheckpointNotSaved if a later attempt may succeed."""


class FileCheckpointStore:
    """A store of a file's checkpoint, in JSON. ``key`` identifies the download; the checkpoint of
    another key is ignored."""

    def __init__(self, path: Path, key: str = "") -> None:
        self._path = path
        self._key = key

    def load(self) -> Checkpoint | None:
        try:
            data = json.loads(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        ours = isinstance(data, dict) and data.get("key") == self._key
        return Checkpoint.from_dict(data) if ours else None

    def save(self, checkpoint: Checkpoint) -> None:
        disk.replace_json(self._path, {"key": self._key, **checkpoint.to_dict()})

    def remove(self) -> None:
        disk.remove(self._path)
