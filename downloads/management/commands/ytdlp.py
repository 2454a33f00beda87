"""``manage.py ytdlp``: the release of yt-dlp that this host uses."""

from __future__ import annotations

import datetime as dt
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from downloads.engine.resolver.ytdlp.config import RELEASES
from downloads.engine.resolver.ytdlp.releases.errors import NothingNewer, UpdateFailed
from downloads.engine.resolver.ytdlp.releases.failures import Tallies
from downloads.engine.resolver.ytdlp.releases.index import Index
from downloads.engine.resolver.ytdlp.releases.store import ReleaseStore, installed_version
from downloads.engine.resolver.ytdlp.releases.update import Updater
from downloads.engine.resolver.ytdlp.releases.watch import outcomes

_AGAIN = (
    "Workers of this host use it from their next link on; downloads that run are not disturbed."
)


class Command(BaseCommand):
    help = "Show, update, pin or roll back the yt-dlp that this host uses."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("status", help="what is in use, was before, was refused and why")
        update = actions.add_parser("update", help="take the newest that passes its self-test")
        update.add_argument("--nightly", action="store_true", help="pre-releases too")
        pin = actions.add_parser("pin", help="take a version and stay with it")
        pin.add_argument("version", metavar="VERSION")
        actions.add_parser("rollback", help="go back to the one before")

    def handle(self, *args: Any, **options: Any) -> None:
        store = ReleaseStore(Path(settings.DATA_DIR) / RELEASES)
        updater = Updater(store, Index(settings.YTDLP_INDEX_URL))
        if options["action"] != "status":
            _refuse_as_another_user(Path(settings.DATA_DIR))
        try:
            if options["action"] == "status":
                lines = list(_status(store, settings.YTDLP_UPDATES))
            elif options["action"] == "update":
                lines = _update(updater, options["nightly"])
            elif options["action"] == "pin":
                updater.pin(options["version"])
                lines = [f"yt-dlp {store.version} is pinned. {_AGAIN}"]
            else:
                updater.rollback()
                lines = [f"yt-dlp {store.version} is in use again. {_AGAIN}"]
        except (UpdateFailed, ValueError) as error:
            raise CommandError(f"{error} In use: yt-dlp {store.version}.") from None
        for line in lines:
            self.stdout.write(line)


def _refuse_as_another_user(data_dir: Path) -> None:
    """Refuse to leave files that Ferry itself could not read: `docker exec` begins as root."""
    owner = data_dir.stat().st_uid
    if os.geteuid() == 0 != owner:
        raise CommandError(
            f"{data_dir} belongs to user {owner}: run this as that user. In a container: "
            "docker exec NAME python -m config.server.container python manage.py ytdlp ..."
        )


def _update(updater: Updater, nightly: bool) -> list[str]:
    was = updater.store.version
    try:
        release = updater.update(nightly=nightly or settings.YTDLP_UPDATES == "nightly")
    except NothingNewer:
        return [f"yt-dlp {was} is in use; the index has nothing newer that was not refused."]
    return [f"yt-dlp {release.version} passed its self-test and is in use; before: {was}. {_AGAIN}"]


def _status(store: ReleaseStore, updates: str) -> Iterator[str]:
    record, release = store.record, store.current()
    pinned = ", pinned" if record.pinned else ""
    yield f"in use      {store.version}{pinned}{_origin(store) if release else ' (installed)'}"
    yield f"installed   {installed_version()}, the oldest that is used"
    if record.in_use is not None and record.in_use != release:
        why = "older than the installed one, or its files are gone"
        yield f"not used    {record.in_use.version}: {why}"
    if record.in_use is not None:
        before = record.before.version if record.before else f"{installed_version()} (installed)"
        yield f"before      {before}"
    for each in record.refused:
        yield f"refused     {each.version} at {each.at}: {each.reason}"
    yield f"updates     {updates} (YTDLP_UPDATES){_checked(record.checked_at)}"
    if record.problem:
        yield f"problem     {record.problem}"
    for version, tallies in outcomes(store).releases.items():
        yield f"extracted   {version}: {_counts(tallies)}"


def _origin(store: ReleaseStore) -> str:
    release = store.current()
    return (
        "" if release is None else f" (yt-dlp-ejs {release.ejs or 'none'}, {store.path(release)})"
    )


def _checked(at: float | None) -> str:
    if at is None:
        return ""
    return f", last checked at {dt.datetime.fromtimestamp(at, dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def _counts(tallies: Tallies) -> str:
    good = sum(tally.good for tally in tallies.values())
    broken = {site: tally.broken for site, tally in tallies.items() if tally.broken}
    worst = sorted(broken, key=lambda site: -broken[site])[:3]
    sites = ", ".join(f"{site} {broken[site]}" for site in worst)
    return f"{good} read, {sum(broken.values())} broken{f' (most: {sites})' if sites else ''}"
