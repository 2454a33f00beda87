"""What the commands that fetch have in common."""

from __future__ import annotations

import argparse

MAX_CONNECTIONS = 64


def connections(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= MAX_CONNECTIONS:
        raise argparse.ArgumentTypeError(f"a number from 1 to {MAX_CONNECTIONS} is wanted.")
    return int(value)
