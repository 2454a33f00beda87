"""Wheels of yt-dlp, unpacked. Nothing of them runs here: that is for the jail."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import Path, PurePosixPath
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement

from downloads.engine.resolver.ytdlp.releases.errors import Refused
from downloads.engine.resolver.ytdlp.releases.record import version_of

EJS: Final = "yt-dlp-ejs"
_PACKAGES: Final = {"yt-dlp": "yt_dlp", EJS: "yt_dlp_ejs"}
_MOST_FILES: Final = 20_000
_MOST_BYTES: Final = 200 * 1024 * 1024
_LONGEST_METADATA: Final = 1024 * 1024
_COMPILE_WITHIN: Final = 300.0  # seconds
_NAME: Final = re.compile(r"[A-Za-z0-9._+ -]{1,200}")


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel's file, and what it says of itself. ``ejs``: the version of yt-dlp-ejs that it asks
    for; empty if none."""

    path: Path
    version: str
    sha256: str
    ejs: str


def read(path: Path, project: str) -> Wheel:
    """Return the facts of a wheel of ``project``. Raises Refused."""
    try:
        with zipfile.ZipFile(path) as archive:
            folder = _metadata_folder(archive, project)
            info = archive.getinfo(f"{folder}/METADATA")
            if info.file_size > _LONGEST_METADATA:
                raise Refused(f"the metadata of {path.name} are too long")
            fields = BytesHeaderParser().parsebytes(archive.read(info))
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise Refused(f"{path.name} is no wheel of {project} ({type(error).__name__})") from None
    try:
        version_of(str(fields["Version"]))
    except ValueError:
        raise Refused(f"{path.name} does not tell its version") from None
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    asked = filter(None, map(_pinned_ejs, fields.get_all("Requires-Dist", [])))
    return Wheel(path, str(fields["Version"]), digest, next(asked, ""))


def _metadata_folder(archive: zipfile.ZipFile, project: str) -> str:
    prefix = f"{_PACKAGES[project]}-"
    tops = {name.partition("/")[0] for name in archive.namelist()}
    (folder,) = [each for each in tops if each.startswith(prefix) and _is_metadata(each)] or [""]
    return folder


def _is_metadata(folder: str) -> bool:
    return folder.endswith(".dist-info")


def _pinned_ejs(line: str) -> str:
    """Return the version in ``yt-dlp-ejs==0.8.0; extra == "default"``; empty for another line."""
    try:
        asked = Requirement(line)
    except InvalidRequirement:
        return ""
    exact = [each.version for each in asked.specifier if each.operator == "=="]
    return exact[0] if asked.name == EJS and len(exact) == 1 else ""


def unpack(path: Path, project: str, into: Path) -> None:
    """Unpack the package and its metadata into a folder. Raises Refused for anything else in it.

    Files are 0644, folders 0755, whatever the wheel says; nothing is a link or leaves the folder.
    """
    package, total = _PACKAGES[project], 0
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if len(members) > _MOST_FILES:
            raise Refused(f"{path.name} holds more than {_MOST_FILES} files")
        for member in members:
            parts = PurePosixPath(member.filename).parts
            if member.is_dir() or parts[0].endswith(".data"):  # manuals and shell completions
                continue
            _check(member, parts, package)
            total += member.file_size
            if total > _MOST_BYTES:
                raise Refused(f"{path.name} unpacks to more than {_MOST_BYTES} bytes")
            _write(archive, member, into.joinpath(*parts))


def _check(member: zipfile.ZipInfo, parts: tuple[str, ...], package: str) -> None:
    kind = stat.S_IFMT(member.external_attr >> 16)
    plain = all(_NAME.fullmatch(part) and part.strip(". ") for part in parts)
    ours = parts[0] == package or (parts[0].startswith(f"{package}-") and _is_metadata(parts[0]))
    if not (plain and ours and len(parts) > 1 and kind in (0, stat.S_IFREG)):
        raise Refused(f"the wheel holds {member.filename[:100]!r}, which is no part of yt-dlp")


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    left = member.file_size
    try:
        with archive.open(member) as source, os.fdopen(descriptor, "wb") as file:
            while block := source.read(min(left + 1, 1 << 20)):
                left -= len(block)
                if left < 0:
                    raise Refused(f"{member.filename[:100]!r} is longer than the wheel says")
                file.write(block)
    except zipfile.BadZipFile:
        raise Refused(f"{member.filename[:100]!r} is damaged in the wheel") from None


def finish(folder: Path) -> None:
    """Compile the modules, as the jail cannot write beside them, and make all of it durable.

    Compiling parses the sources and runs none of them. One that does not parse is left for the
    self-test to find.
    """
    compiler = [sys.executable, "-I", "-m", "compileall", "-q", "--invalidation-mode"]
    subprocess.run(
        [*compiler, "unchecked-hash", str(folder)],
        timeout=_COMPILE_WITHIN,
        capture_output=True,
        check=False,
        env={"PATH": os.defpath},
    )
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    os.sync()  # all at once: two thousand fsync(2) may take half a minute


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
