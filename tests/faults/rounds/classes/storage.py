"""Storage: a bucket that answers errors, hangs up, or is away."""

from __future__ import annotations

import random
import time

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site


def _mood(site: Site, mood: str, share: float, seconds: float) -> None:
    assert site.door is not None
    chance = random.Random(1)
    site.door.mood = lambda call: mood if chance.random() < share else ""
    try:
        time.sleep(seconds)
    finally:
        site.door.mood = lambda call: ""


def answer_errors(site: Site, download: str) -> None:
    _mood(site, "503", 0.5, 6)


def hang_up(site: Site, download: str) -> None:
    _mood(site, "drop", 0.3, 5)


def be_away(site: Site, download: str) -> None:
    _mood(site, "503", 1, 4)


FAULTS = (
    Fault("50 % errors for 6 s", answer_errors, needs="bucket"),
    Fault("30 % hung up for 5 s", hang_up, needs="bucket"),
    Fault("away for 4 s", be_away, needs="bucket"),
)
