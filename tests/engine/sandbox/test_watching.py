"""Intervals at which a launcher looks at its program."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

from downloads.engine.sandbox import tree
from tests.support.shell import ROOT


def test_a_program_at_rest_is_looked_at_rarely() -> None:
    """By the launcher's own arithmetic: it is run by itself, so it is not imported here."""
    code = textwrap.dedent(
        """
        from downloads.engine.sandbox.launcher import pause
        print(*(round(pause(quiet, 4.0), 1) for quiet in (0, 1, 20, 21, 22, 30, 10**6)))
        """
    )
    asked = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert asked.stdout.split() == ["0.1", "0.1", "0.1", "0.2", "0.4", "4.0", "4.0"]


@pytest.mark.skipif(sys.platform != "linux", reason="ps says nothing of it")
def test_a_program_that_computes_does_not_rest() -> None:
    computing = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        looks = set()
        while len(looks) < 3:  # hangs where its processor time is not seen
            looks.add(tree.usage(os.getpid(), computing.pid, 100).ticks)
    finally:
        computing.kill()
        computing.wait()
