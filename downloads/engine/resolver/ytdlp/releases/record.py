"""The record of a host's releases, one JSON file. Pure but for reading and writing it."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from packaging.version import InvalidVersion, Version

from downloads.engine.core import disk

Kind = TypeVar("Kind", bound=msgspec.Struct)
_REFUSED: Final = 20  # kept; the oldest are forgotten


class Release(msgspec.Struct, frozen=True):
    """An unpacked release. ``folder`` is its name in the folder of releases, ``sha256`` that of
    yt-dlp's wheel, ``ejs`` the version of yt-dlp-ejs beside it; empty if it asks for none."""

    version: str
    folder: str
    ejs: str = ""
    sha256: str = ""


class Refusal(msgspec.Struct, frozen=True):
    """A version that the schedule does not take again. ``at`` in ISO 8601, ``reason`` a sentence
    for an operator."""

    version: str
    reason: str
    at: str


class Record(msgspec.Struct, frozen=True):
    """The record. None as a release stands for the installed one.

    ``pinned``: chosen by an operator: neither the schedule nor a rise of failures changes it.
    ``taken_at``, ``checked_at``: Unix times of the last swap, and of the schedule's last check;
    ``problem``: why that came to nothing.
    """

    in_use: Release | None = None
    before: Release | None = None
    taken_at: float | None = None
    pinned: bool = False
    refused: tuple[Refusal, ...] = ()
    checked_at: float | None = None
    problem: str = ""

    def taking(self, release: Release | None, now: float, *, pinned: bool = False) -> Record:
        """Return the record with another release in use, since ``now``."""
        same = release == self.in_use
        refused = self.refused
        if release is not None:
            refused = tuple(each for each in refused if not same_version(each.version, release))
        before = self.before if same else self.in_use
        return msgspec.structs.replace(
            self, in_use=release, before=before, taken_at=now, pinned=pinned, refused=refused
        )

    def rolled_back(self) -> Record:
        """Return the record with the release before in use, and the installed one before that."""
        return msgspec.structs.replace(
            self, in_use=self.before, before=None, taken_at=None, pinned=False
        )

    def refusing(self, version: str, reason: str) -> Record:
        """Return the record with one more refusal."""
        others = [each for each in self.refused if each.version != version]
        now = datetime.now(UTC).isoformat(timespec="seconds")
        kept = (*others, Refusal(version, reason, now))[-_REFUSED:]
        return msgspec.structs.replace(self, refused=kept)

    def refusal_of(self, version: str) -> Refusal | None:
        return next((each for each in self.refused if each.version == version), None)


def same_version(version: str, release: Release) -> bool:
    return version_of(version) == version_of(release.version)


def version_of(text: str) -> Version:
    """Return the version to compare. yt-dlp writes 2026.03.09 what its wheel calls 2026.3.9.

    Raises ValueError with a sentence."""
    try:
        return Version(text)
    except InvalidVersion:
        raise ValueError(
            f"{text[:60]} is no version of yt-dlp. Write one like 2026.10.26."
        ) from None


def read(path: Path, kind: type[Kind]) -> Kind:
    """Return what a JSON file holds; an empty one if there is none, or it cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError):
        return kind()


def write(path: Path, content: msgspec.Struct) -> None:
    """Replace a JSON file in one step: after a crash it is the old one or the new one."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(content), indent=1))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    disk.sync_directory(path.parent)
