"""``manage.py sample``: publishes the sample clip, and its ladder once it is made."""

from __future__ import annotations

import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand

from downloads.sample import catalogue
from downloads.sample.ladder import LADDER
from downloads.sample.making import SampleNotMade, make


class Command(BaseCommand):
    help = "Make the sample content and add it to the catalogue; `up` does this automatically."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(
            signal.SIGTERM, lambda *_: sys.exit(1)
        )  # unwinds, so that half-made files are removed
        try:
            self._publish(catalogue.ONE_FILE)  # usable while the ladder is made
            make(catalogue.home(), LADDER)
            self._publish(catalogue.QUALITIES)
        except (SampleNotMade, OSError) as error:
            self.stderr.write(
                f"The sample content could not be made ({error}). Everything else works; "
                "the next start tries again."
            )
            sys.exit(1)

    def _publish(self, item: catalogue.Item) -> None:
        if catalogue.publish(item):
            self.stdout.write(f'Added to the catalogue: "{item.title}".')
