from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from downloads.engine.core.errors import StorageUnavailable


@contextmanager
def storage_errors() -> Iterator[None]:
    """Raise StorageUnavailable for what the disk or the bucket refuses."""
    try:
        yield
    except (OSError, BotoCoreError, ClientError) as error:
        raise StorageUnavailable(f"{type(error).__name__}: {error}") from error
