"""Source breaks: resets, refusals, silence, for a while."""

from __future__ import annotations

import time

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site


def reset(site: Site, download: str) -> None:
    for file in site.origin.files.values():
        file.cut_after, file.cuts = 200_000, 4


def refuse(site: Site, download: str) -> None:
    for file in site.origin.files.values():
        file.answers = [(503, {"Retry-After": "1"})] * 3
        file.cut_after, file.cuts = 100_000, 2


def fall_silent(site: Site, download: str) -> None:
    for file in site.origin.files.values():
        file.silent_after, file.silences = 100_000, 1
    time.sleep(1)


FAULTS = (
    Fault("connections reset", reset),
    Fault("503 with Retry-After", refuse),
    Fault("silence", fall_silent),
)
