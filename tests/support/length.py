"""The two lengths of the suite: ``TESTS_LONG=1`` is the long one, of all members and examples.

The short one has every test function, and of each kind some members. ``.ci/run`` runs the long one
on SQLite alone: nearly all that the short one leaves out knows no database.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

import pytest

LONG = os.environ.get("TESTS_LONG") == "1"
T = TypeVar("T")


def some(members: Iterable[T], most: int) -> list[T]:
    """Return all of them in the long form, else ``most`` at most: the first, the last, and some
    evenly between."""
    found = list(members)
    if LONG or len(found) <= most:
        return found
    if most == 1:
        return found[:1]
    last = len(found) - 1
    return [found[round(number * last / (most - 1))] for number in range(most)]


def some_of_each(items: list[pytest.Item], most: int) -> list[pytest.Item]:
    """Return ``some`` members of each parametrised test among these."""
    members = defaultdict(list)
    for item in items:
        members[item.nodeid.partition("[")[0]].append(item)
    return [item for found in members.values() for item in some(found, most)]


def figure(short: int, long: int, variable: str = "") -> int:
    """Return a number of examples. ``variable``: one of the environment that tells another."""
    told = os.environ.get(variable, "") if variable else ""
    return int(told) if told else long if LONG else short
