"""An update: fetched, unpacked, tested in the jail, and only then in use."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from downloads.engine.resolver.ytdlp.releases import wheel
from downloads.engine.resolver.ytdlp.releases.errors import (
    Busy,
    NothingNewer,
    Refused,
    UpdateFailed,
)
from downloads.engine.resolver.ytdlp.releases.index import Index
from downloads.engine.resolver.ytdlp.releases.record import Record, Release, version_of
from downloads.engine.resolver.ytdlp.releases.store import ReleaseStore, installed_version

log = logging.getLogger(__name__)
SelfTest = Callable[[Path, str], object]


def _self_test(folder: Path, version: str) -> None:
    from downloads.engine.resolver.ytdlp.self_test.run import self_test  # 100 ms, with its proxy

    self_test(folder, version)


@dataclass(frozen=True, slots=True)
class Updater:
    """Updates of one host. ``self_test(folder, version)`` raises Refused."""

    store: ReleaseStore
    index: Index
    self_test: SelfTest = _self_test

    def update(self, *, nightly: bool = False) -> Release:
        """Take the newest release. Raises NothingNewer, Refused, UpdateFailed."""
        with self.store.updating() as folder:
            refused = [f"!={each.version}" for each in self.store.record.refused]
            conditions = [f">{self.store.version}", *refused]
            release = self._bring(folder, conditions, nightly=nightly, finals=not nightly)
            self.store.change(lambda record: record.taking(release, time.time()))
        log.info("ytdlp updated version=%s", release.version)
        return release

    def pin(self, version: str) -> Release | None:
        """Take this version, and stay with it; the installed one is None. As an operator's choice
        it may be one that was refused before. Raises as ``update``."""
        asked, floor = version_of(version), version_of(installed_version())
        if asked < floor:
            raise UpdateFailed(
                f"{version} is older than {installed_version()}, which this Ferry needs. "
                "Pin that or a newer one."
            )
        with self.store.updating() as folder:
            try:
                is_installed = asked == floor
                release = None if is_installed else self._bring(folder, [f"=={version}"])
            except NothingNewer:
                raise UpdateFailed(f"The index has no yt-dlp {version}.") from None
            self.store.change(lambda record: record.taking(release, time.time(), pinned=True))
        log.info("ytdlp pinned version=%s", version)
        return release

    def rollback(self) -> Release | None:
        """Go back to the release before, None for the installed one; the schedule does not take
        again what was in use. Raises UpdateFailed if there is nothing to go back from."""
        left = self.store.record.in_use
        if left is None:
            raise UpdateFailed(
                f"The installed yt-dlp {installed_version()} is in use: there is none before it."
            )
        reason = "An operator rolled it back."
        record = self.store.change(
            lambda record: record.refusing(left.version, reason).rolled_back()
        )
        log.info("ytdlp rolled back from=%s to=%s", left.version, self.store.version)
        return record.in_use

    def check(self, *, nightly: bool) -> None:
        """Update as the schedule does, and write down that it was tried, and why in vain."""
        problem = ""
        if not self.store.record.pinned:
            try:
                self.update(nightly=nightly)
            except Busy:
                return  # which writes it down
            except NothingNewer:
                pass
            except UpdateFailed as error:
                log.warning("ytdlp update failed reason=%r", str(error))
                problem = str(error)
        self.store.change(lambda record: _checked(record, problem))

    def _bring(
        self,
        folder: Path,
        conditions: Iterable[str],
        *,
        nightly: bool = False,
        finals: bool = False,
    ) -> Release:
        """Return a release that has passed its self-test, in the store. ``finals``: no
        pre-release."""
        wheels, unpacked = folder / "wheels", folder / "release"
        found = self._fetch("yt-dlp", conditions, wheels / "yt-dlp", nightly=nightly)
        # Where no final version meets the conditions, pip takes a pre-release unasked (PEP 440).
        if finals and version_of(found.version).is_prerelease:
            raise NothingNewer("The index has newer pre-releases alone.")
        ejs = self._fetch_ejs(found, wheels / wheel.EJS) if found.ejs else None
        try:
            wheel.unpack(found.path, "yt-dlp", unpacked)
            if ejs is not None:
                wheel.unpack(ejs.path, wheel.EJS, unpacked)
            wheel.finish(unpacked)
            self.self_test(unpacked, found.version)
        except Refused as refused:
            reason = str(refused)
            self.store.change(lambda record: record.refusing(found.version, reason))
            raise Refused(f"yt-dlp {found.version} was refused: {reason}.") from None
        name = f"{found.version}-{found.sha256[:12]}"
        release = Release(found.version, name, found.ejs, found.sha256)
        self.store.keep(unpacked, release)
        return release

    def _fetch_ejs(self, found: wheel.Wheel, into: Path) -> wheel.Wheel:
        try:
            return self._fetch(wheel.EJS, [f"=={found.ejs}"], into)
        except NothingNewer:
            raise UpdateFailed(
                f"The index has no {wheel.EJS} {found.ejs}, which yt-dlp {found.version} asks for. "
                "Try again later, or from another index."
            ) from None

    def _fetch(
        self, project: str, conditions: Iterable[str], into: Path, *, nightly: bool = False
    ) -> wheel.Wheel:
        into.mkdir(parents=True)
        try:
            path = self.index.download(project, conditions, into, nightly=nightly)
            return wheel.read(path, project)
        except Refused as refused:
            raise Refused(f"{project} was refused: {refused}.") from None


def _checked(record: Record, problem: str) -> Record:
    return msgspec.structs.replace(record, checked_at=time.time(), problem=problem)
