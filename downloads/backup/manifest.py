"""``manifest.json`` of a backup: where it is from, and the checksum of each of its files."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from downloads.backup.errors import BackupError

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
_CHECKSUM: Final = "checksum"


@dataclass(frozen=True, slots=True)
class BackupFile:
    """One file of a backup. ``size`` in bytes, ``sha256`` in hex."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The facts of one backup.

    ``database``: ``sqlite`` or ``postgresql``, with its ``database_version``. ``schema``: all
    migrations in it. ``key``: ``file`` if the backup holds SECRET_KEY, else ``environment``;
    ``key_fingerprint`` tells two keys apart, and nothing about them. ``counts``: rows by name,
    and the bytes of stored files. ``files``: by name, but for the manifest itself.
    """

    version: str
    created_at: str
    database: str
    database_version: str
    schema: tuple[str, ...]
    key: str
    key_fingerprint: str
    storage: str
    counts: dict[str, int]
    files: dict[str, BackupFile]


def describe(path: Path) -> BackupFile:
    """Return size and hash of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return BackupFile(os.fstat(file.fileno()).st_size, digest)


def text_of(manifest: Manifest) -> str:
    """Return the text of ``manifest.json``, with a checksum of the rest of it."""
    body: dict[str, Any] = {"format": FORMAT, **asdict(manifest)}
    return json.dumps({**body, _CHECKSUM: _checksum(body)}, indent=2)


def read(folder: Path) -> Manifest:
    """Read a backup's manifest, and check every file against it. Raises BackupError."""
    manifest = _parse(folder)
    for name, file in manifest.files.items():
        try:
            whole = describe(folder / name) == file
        except OSError as error:
            raise BackupError(f"{folder / name} cannot be read ({error.strerror}).") from None
        if not whole:
            raise BackupError(f"{folder / name} is not as it was written. Use another backup.")
    return manifest


def _parse(folder: Path) -> Manifest:
    try:
        body = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BackupError(f"{folder} is no complete backup: it has no {MANIFEST}.") from None
    except (OSError, ValueError) as error:
        raise BackupError(
            f"{folder / MANIFEST} cannot be read ({type(error).__name__}). Use another backup."
        ) from None
    if not isinstance(body, dict) or body.pop(_CHECKSUM, None) != _checksum(body):
        raise BackupError(f"{folder / MANIFEST} is not as it was written. Use another backup.")
    if body.pop("format", None) != FORMAT:
        raise BackupError(f"{folder} is a backup in a newer form. Use the Ferry that made it.")
    files = {name: BackupFile(**file) for name, file in body.pop("files").items()}
    return Manifest(**{**body, "schema": tuple(body["schema"]), "files": files})


def _checksum(body: dict[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
