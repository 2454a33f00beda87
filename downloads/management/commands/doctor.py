"""``manage.py doctor``: what is wrong with this installation, and the fix."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand

from downloads.doctor.examination import examine

MARKS: Final = {"ok": "ok  ", "warn": "WARN", "fail": "FAIL"}


class Command(BaseCommand):
    help = (
        "Examine what Ferry depends on: settings, disks, database, Redis, storage, clocks, ffmpeg, "
        "the jail, the proxy. A line each, with the fix. Exit 1 if anything is wrong."
    )
    requires_system_checks: list[str] = []  # it says itself what is wrong

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="[{id, state, text, fix}]")
        parser.add_argument(
            "--url",
            default="",
            help="public address to try the proxy by; by default the first of CSRF_TRUSTED_ORIGINS",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        findings = examine(options["url"])
        if options["json"]:
            self.stdout.write(json.dumps([finding.as_json() for finding in findings], indent=2))
        else:
            for finding in findings:
                self.stdout.write(f"{MARKS[finding.state]}  {finding.id}: {finding.text}")
                if finding.fix:
                    self.stdout.write(f"      {finding.fix}")
        if any(finding.state == "fail" for finding in findings):
            sys.exit(1)
