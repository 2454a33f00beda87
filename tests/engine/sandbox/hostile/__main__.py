"""Runs inside the jail and tries to get out. Says what came of it, as one JSON line.

    python -I hostile ATTEMPT [ARGUMENT...] MARKER

Each function is one attempt; what it returns is what it got. Needs nothing but the library.
"""

# What goes wrong is what is asked for.
# ruff: noqa: BLE001

from __future__ import annotations

import json
import sys

import doors
import files
import greed
import processes
import sockets

MODULES = (doors, files, greed, processes, sockets)

if __name__ == "__main__":
    attempt = next(getattr(m, sys.argv[1]) for m in MODULES if hasattr(m, sys.argv[1]))
    try:
        outcome = {"got": attempt(*sys.argv[2:-1])}
    except BaseException as error:
        outcome = {"error": type(error).__name__, "says": str(error)}
    print(json.dumps(outcome), flush=True)
