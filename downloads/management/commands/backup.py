"""``manage.py backup DIR``: database, key, settings and the list of files, while all runs."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from downloads.backup.create import create
from downloads.backup.errors import BackupError
from downloads.engine.core.humanize import size_in_words


class Command(BaseCommand):
    help = (
        "Back up the database, the key, the settings and the list of stored files into a new "
        "folder. Everything may run meanwhile. The stored files themselves are not copied."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path, help="does not exist yet")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["folder"].absolute()
        try:
            made = create(folder)
        except BackupError as error:
            raise CommandError(str(error)) from error
        counts = made.counts
        size = size_in_words(sum(file.size for file in made.files.values()))
        self.stdout.write(f"{folder}: {size}, complete.")
        self.stdout.write(
            f"Users: {counts['users']}, downloads: {counts['downloads']}, files:"
            f" {counts['files']} of {size_in_words(counts['bytes'])}. The files themselves are not"
            f" in it: copy the {made.storage} too."
        )
        if made.key == "file":
            self.stdout.write("It holds SECRET_KEY: keep it where no other user can read it.")
        else:
            self.stdout.write(
                "SECRET_KEY comes from the environment and is not in it: keep it with the backup,"
                " or kept cookies and webhooks cannot be read."
            )
