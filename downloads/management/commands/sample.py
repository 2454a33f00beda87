"""``manage.py sample``: make the sample clip where it is missing, and catalogue it."""

from __future__ import annotations

import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand

from downloads.sample import catalogue, clip


class Command(BaseCommand):
    help = "Make the sample clip and put it in the catalogue; `up` does this by itself."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what is half made is removed
        try:
            clip.make(catalogue.home())
        except clip.NotMade as error:
            self.stderr.write(
                f"The sample clip could not be made ({error}). All else works; "
                "the next start tries again."
            )
            sys.exit(1)
        if catalogue.publish():
            self.stdout.write(f'The catalogue has something to try: "{catalogue.TITLE}".')
