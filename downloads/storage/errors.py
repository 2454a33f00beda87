from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from downloads.engine.core.errors import StorageUnavailable


class FileLost(StorageUnavailable):
    """A stored file is missing, or has another size than the ledger says; the storage itself
    answers."""

    default_message = "The file is missing from the storage. Retry the download to fetch it again."

    @classmethod
    def cut(cls, name: str, found: int, size: int) -> FileLost:
        """Return the error for a file of ``found`` bytes that should have ``size``."""
        return cls(
            f"{name} has {found} bytes, not {size}",
            message="The stored file is damaged. Retry the download to fetch it again.",
        )


@contextmanager
def storage_errors() -> Iterator[None]:
    """Raise StorageUnavailable for what the disk or the bucket refuses."""
    try:
        yield
    except (OSError, BotoCoreError, ClientError) as error:
        raise StorageUnavailable(f"{type(error).__name__}: {error}") from error
