"""``manage.py restore DIR``: a backup into an empty database, then the storage checked against
it."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from downloads.backup.errors import BackupError
from downloads.backup.restore import restore
from downloads.engine.core.errors import StorageUnavailable
from downloads.jobs.reconcile import Kind, differences

NAMED: Final = 5  # files of a kind
WORDS: Final = {
    Kind.MISSING: "Missing from the storage",
    Kind.DAMAGED: "Of another size in the storage",
    Kind.ORPHANED: "In the storage and unknown to the backup",
}


class Command(BaseCommand):
    help = (
        "Restore a backup into the database that DATA_DIR and DATABASE_URL name, while no process "
        "runs, and say which stored files are missing or unknown."
    )
    requires_system_checks: list[str] = []  # before there is a key

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path, help="made by manage.py backup")
        parser.add_argument(
            "--replace", action="store_true", help="replace a database that is not empty"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = restore(options["folder"].absolute(), replace=options["replace"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        made = done.manifest
        self.stdout.write(
            f"Restored the backup of {made.created_at}. Users: {made.counts['users']}, downloads:"
            f" {made.counts['downloads']}, files: {made.counts['files']}."
        )
        if done.queued:
            self.stdout.write(f"Back in the queue, as they ran then: {done.queued}.")
        for place in done.set_aside:
            self.stdout.write(f"Kept what was there before: {place}")
        self._compare()

    def _compare(self) -> None:
        """Write what ledger and storage differ about."""
        found = defaultdict(list)
        try:
            for each in differences():
                found[each.kind].append(each.name)
        except StorageUnavailable as error:
            self.stdout.write(
                f"The storage could not be compared: {error.message} Then run: manage.py reconcile"
            )
            return
        for kind, names in found.items():
            shown = ", ".join(names[:NAMED]) + (", ..." if len(names) > NAMED else "")
            self.stdout.write(f"{WORDS[kind]}: {len(names)} ({shown})")
        if not found:
            self.stdout.write("Every stored file is in the storage.")
            return
        where = settings.AWS_STORAGE_BUCKET_NAME or settings.STORAGE_PATH
        self.stdout.write(
            f"Copy missing files to {where}, or have their downloads expire and unknown files"
            " removed: manage.py reconcile --repair"
        )
