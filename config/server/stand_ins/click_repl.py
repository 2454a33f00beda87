"""A stand-in for click-repl, on the path of the processes that `up` starts.

The celery command loads it for a shell of its own, and with it an editor of lines: 9 MiB of each
worker, which has no terminal.
"""

# ruff: noqa: INP001 - a folder of the path, no package
from __future__ import annotations


def register_repl(group: object, name: str = "repl") -> None:
    """Do nothing: there is no such subcommand."""
