"""``manage.py check_ledger``: stored states against what they are derived from."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from downloads.queue.ledger_check import Difference, differences, repair


class Command(BaseCommand):
    help = (
        "Compare each download's stored state, and its place in line, with what its marks and its "
        "file say. Exit 1 if any differs and is not repaired."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="write what is derived")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(differences())
        for each in found:
            self.stdout.write(_line(each))
        if not found:
            self.stdout.write("The stored states are right.")
        elif options["repair"]:
            repair()
            self.stdout.write(f"{len(found)} repaired.")
        else:
            raise CommandError(
                f"{len(found)} differences. To repair them: manage.py check_ledger --repair"
            )


def _line(difference: Difference) -> str:
    states = f"stored {difference.stored}, derived {difference.derived or 'none'}"
    return f"download {difference.download_id}: {difference.why} ({states})"
