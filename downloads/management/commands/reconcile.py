"""``manage.py reconcile``: the ledger against the storage."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from downloads.engine.core.errors import StorageUnavailable
from downloads.engine.core.humanize import size_in_words
from downloads.jobs.reconcile import Difference, differences, repair


class Command(BaseCommand):
    help = (
        "Compare the ledger with the storage: files that are missing, damaged or orphaned. "
        "Exit 1 if there are any and they are not repaired."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--repair",
            action="store_true",
            help="expire downloads of missing and damaged files, so that a retry fetches them "
            "again, and remove orphaned files",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        try:
            for each in list(differences()):
                self.stdout.write(_line(each))
                count += 1
                if options["repair"]:
                    repair(each)
        except StorageUnavailable as error:
            raise CommandError(f"{error.message} ({error.detail})") from error
        if not count:
            self.stdout.write("Ledger and storage agree.")
        elif options["repair"]:
            self.stdout.write(f"{count} repaired.")
        else:
            raise CommandError(f"{count} differences. To repair them: manage.py reconcile --repair")


def _line(difference: Difference) -> str:
    rendition = difference.rendition
    parts = [f"{difference.kind}: {difference.name}"]
    if difference.size is not None:
        parts.append(f"{size_in_words(difference.size)} in the ledger")
    if difference.found is not None:
        parts.append(f"{size_in_words(difference.found)} in the storage")
    if rendition is not None:
        parts.append(f"rendition {rendition.pk}")
    return ", ".join(parts)
