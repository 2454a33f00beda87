"""``manage.py sample``: make the sample content where it is missing, and catalogue it."""

from __future__ import annotations

import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand

from downloads.sample import catalogue
from downloads.sample.clip import CLIP
from downloads.sample.ladder import LADDER
from downloads.sample.making import SampleNotMade, make

# In this order: the first is there to be tried while the second is made of it.
_PARTS = ((CLIP, catalogue.ONE_FILE), (LADDER, catalogue.QUALITIES))


class Command(BaseCommand):
    help = "Make the sample content and put it in the catalogue; `up` does this by itself."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what is half made is removed
        try:
            for recipe, item in _PARTS:
                make(catalogue.home(), recipe)
                if catalogue.publish(item):
                    self.stdout.write(f'The catalogue has something to try: "{item.title}".')
        except SampleNotMade as error:
            self.stderr.write(
                f"The sample content could not be made ({error}). All else works; "
                "the next start tries again."
            )
            sys.exit(1)
