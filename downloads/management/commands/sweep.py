"""``manage.py sweep``: what crashes and outages left behind."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from downloads.engine.core.errors import StorageUnavailable
from downloads.jobs.leftovers import leftovers, sweep_all


class Command(BaseCommand):
    help = (
        "Remove leftovers of this host, the ledger and the storage: parts, work folders, "
        "unfinished uploads, orphaned files. Scheduler and workers do so by themselves, but for "
        "the orphaned files."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only list them")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = list(leftovers())
            for each in found:
                self.stdout.write(f"{each.kind}: {each.name}")
            if not options["dry_run"]:
                sweep_all()
        except StorageUnavailable as error:
            raise CommandError(f"{error.message} ({error.detail})") from error
        if not found:
            self.stdout.write("Nothing is left over.")
