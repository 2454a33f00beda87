"""Thousands of mutated manifests, heads, bodies, subtitles and pages: no hang, crash, surprise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.field.fuzz.readers import SHARES
from tests.field.fuzz.seed import first_seed
from tests.support.length import figure
from tests.support.shell import ROOT

READS = figure(2000, 10_000, "FIELD_READS")
AT_MOST = 180.0  # seconds for a target's share


@pytest.mark.timeout(AT_MOST + 20)
@pytest.mark.parametrize("target", SHARES)
def test_reads(target: str, tmp_path: Path) -> None:
    count = READS * SHARES[target] // 100
    command = [sys.executable, "-m", "tests.field.fuzz.reads", target]
    done = subprocess.run(
        [*command, str(first_seed()), str(count)],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=AT_MOST,
    )  # fmt: skip
    assert done.returncode == 0, f"{target} from seed {first_seed()}: {done.stderr[-3000:]}"
    told = json.loads(done.stdout)
    failure = "{seed}: {error}\n{input}".format(**told) if "error" in told else ""
    assert told == {"reads": count}, f"{target} seed {failure}"
