"""The faults of each round, drawn by the seed: the same seed gives the same rounds."""

from __future__ import annotations

import random
import subprocess
from dataclasses import dataclass

from tests.faults.rounds.classes import CLASSES
from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site
from tests.support.shell import ROOT

MOST_FAULTS = 5
LONGEST = 100.0  # seconds of one round's faults, by their estimates


@dataclass(frozen=True)
class Round:
    """``name``: the class of its first fault, under which it is counted. ``delays``: seconds before
    each fault."""

    name: str
    faults: tuple[Fault, ...]
    delays: tuple[float, ...]


def plan(
    rounds: int,
    seed: int,
    site: Site,
    most: int = MOST_FAULTS,
    longest: float = LONGEST,
    only: str = "",
) -> list[Round]:
    """Return the rounds: each class in turn gives the first fault, the others are of any class.

    ``longest``: seconds of a round's faults, by their estimates; ``only``: the class of them all.
    """
    chance = random.Random(seed)
    possible = {
        name: [each for each in faults if each.can_strike(site) and each.seconds <= longest]
        for name, faults in CLASSES.items()
        if only in ("", name)
    }
    names = [name for name, faults in possible.items() if faults]
    everything = [fault for faults in possible.values() for fault in faults]
    chance.shuffle(names)
    drawn = []
    for number in range(rounds):
        name = names[number % len(names)]
        more = chance.randint(0, most - 1)
        faults = (chance.choice(possible[name]), *chance.choices(everything, k=more))
        faults = _within(longest, faults)
        drawn.append(Round(name, faults, tuple(chance.uniform(0.2, 2) for _ in faults)))
    return drawn


def _within(seconds: float, faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """Return those, in their order, for which there is time."""
    kept = []
    for fault in faults:
        if fault.seconds <= seconds:
            kept.append(fault)
            seconds -= fault.seconds
    return tuple(kept)


def seed_of_commit() -> int:
    """Return a number that is another one with every commit; 1 without a repository."""
    asked = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return int(asked.stdout[:8] or "1", 16)
