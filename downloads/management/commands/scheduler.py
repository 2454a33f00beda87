from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand

from downloads.jobs.maintenance import Maintenance
from downloads.network.installation_key import check_key
from downloads.queue.version_skew import check_schema


class Command(BaseCommand):
    help = "The maintenance loop: reap, wake, expire, sweep, deliver. Any number may run; one acts."

    def handle(self, *args: Any, **options: Any) -> None:
        check_schema()
        check_key()
        maintenance = Maintenance()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: maintenance.stop())
        maintenance.run()
