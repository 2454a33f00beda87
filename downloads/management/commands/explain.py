"""``manage.py explain``: the requests, responses and decisions for a URL."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from config.settings.environment import ENVIRONMENT
from downloads.cli import explain
from downloads.cli.place import Place
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.media import Quality
from downloads.engine.core.options import Options

FAILED = 1


class Command(BaseCommand):
    help = "Show requests, answers and decisions for a URL; write a bundle for a report."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("url", metavar="URL")
        parser.add_argument("--quality", choices=[each.value for each in Quality], default="auto")
        parser.add_argument("--bundle", metavar="FILE", help="a ZIP to attach to a report")

    def handle(self, *args: Any, **options: Any) -> None:
        place = Place.of(ENVIRONMENT)
        with place.client(StopToken(), explain.listen(self.stdout.write)) as client:
            report = explain.explain(options["url"], Quality(options["quality"]), Options(), client)
        self.stdout.write("")
        self.stdout.write(report.outcome)
        if options["bundle"]:
            self._write(report, Path(options["bundle"]), place)
        if report.error is not None:
            sys.exit(FAILED)

    def _write(self, report: explain.Explanation, path: Path, place: Place) -> None:
        settings = {
            "FETCH_CONNECTIONS": place.transfer.connections,
            "FETCH_MAX_BYTES": place.transfer.max_bytes,
            "FETCH_DEADLINE": place.transfer.deadline,
            "FETCH_MIN_RATE": place.transfer.min_rate,
            "FETCH_ALLOWED_NETWORKS": bool(place.policy.allowed_networks),
        }
        try:
            explain.write_bundle(report, path, settings)
        except OSError as error:
            self.stderr.write(
                f"The bundle cannot be written to {path}: {error.strerror}. Give another path."
            )
            sys.exit(FAILED)
        self.stdout.write(
            f"Bundle written to {path}. It contains no query values, cookies or passwords."
        )
