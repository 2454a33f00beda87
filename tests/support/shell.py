"""A ``manage.py shell`` that stays: what a test asks the ledger costs no start of Django."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LISTENING = """
import contextlib, io, json, sys, traceback
from django.db import connections
for line in sys.stdin:
    said, error = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(said):
            exec(json.loads(line), {})
    except Exception:
        error = traceback.format_exc()
    connections.close_all()
    print(json.dumps([said.getvalue(), error]), flush=True)
"""


class Shell:
    """Started when it is first asked for something."""

    def __init__(self, environment: dict[str, str], root: Path = ROOT) -> None:
        self._environment = environment
        self._root = root
        self._process: subprocess.Popen[str] | None = None

    def run(self, code: str) -> str:
        """Return the output of the code; fail if it raised."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "shell", "-v0", "-c", _LISTENING],
                cwd=self._root,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(code), file=self._process.stdin, flush=True)
        said, error = json.loads(self._process.stdout.readline())
        assert not error, error
        return str(said)

    def close(self) -> None:
        if self._process is not None:
            self._process.communicate(timeout=30)
            self._process = None
