"""One URL into one S3 object, with a small state file in the user's cache folder."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from downloads.engine.core import disk, file_types
from downloads.engine.transfer import engine
from downloads.engine.transfer.checkpoint import FileCheckpointStore
from downloads.engine.transfer.request import FileRequest
from downloads.engine.transfer.single import alone, identity
from downloads.engine.transfer.sinks.base import BucketKey, Stored
from downloads.engine.transfer.sinks.object import ObjectTarget
from downloads.engine.transfer.sinks.s3 import S3Sink

_UNKNOWN = "application/octet-stream"


def fetch_object(
    request: FileRequest,
    target: BucketKey,
    *,
    storage: Callable[[], Any],
    key: str = "",
    digest: bool = True,
) -> Stored:
    """Fetch the stream straight into ``target``; no byte of it touches the disk.

    ``key`` identifies the download, if that is not the stream's own URL; ``storage`` returns
    boto3's client. ``sha256`` is None if the bytes did not come in order; ``digest=False`` takes no
    time for it. Raises DownloadError and Stopped, with the multipart upload kept: the same call
    resumes it, on this machine.
    """
    marker = identity(f"{key or request.stream.url} {target}")
    state = _state_folder() / f"{marker}.json"
    store = FileCheckpointStore(state, marker)
    with alone(state):
        known = file_types.of_ext(target.key.rpartition(".")[2].lower())
        kind = known.mime_type if known else mimetypes.guess_type(target.key)[0] or _UNKNOWN
        place = ObjectTarget(storage, target.bucket, target.key, {"ContentType": kind}, marker)
        sink = S3Sink(place, request.stop, cap=request.config.max_bytes, digest=digest)
        outcome = engine.run(request, sink, store)
        stored = Stored(outcome.size, outcome.sha256)
        sink.publish(stored)
        store.remove()
        return stored


def _state_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(base).expanduser() / "ferry"
    with disk.disk_errors():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
