"""Whole fetches from origins that spoil segments: a true part of the film, or an error."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.field.fuzz.seed import first_seed
from tests.field.support.clips import Clips
from tests.support.length import figure
from tests.support.shell import ROOT

FETCHES = figure(8, 200, "FIELD_FETCHES")
PROCESSES = 4
AT_MOST = 900.0  # seconds


@pytest.mark.timeout(AT_MOST + 20)
def test_fetches(clips: Clips) -> None:
    share, seed = -(-FETCHES // PROCESSES), first_seed()
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.field.fuzz.fetches", str(clips.root),
             str(seed + at * share), str(share)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for at in range(PROCESSES)
    ]  # fmt: skip
    for process in running:
        out, error = process.communicate(timeout=AT_MOST)
        assert process.returncode == 0, error[-3000:]
        told = json.loads(out.splitlines()[-1])
        assert "error" not in told, told
