"""Arguments that the fetching commands share."""

from __future__ import annotations

import argparse

MAX_CONNECTIONS = 64


def connections(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= MAX_CONNECTIONS:
        raise argparse.ArgumentTypeError(f"enter a number from 1 to {MAX_CONNECTIONS}.")
    return int(value)
