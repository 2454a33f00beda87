"""The seed of a run: ``FIELD_SEED``, else the commit's, so that each commit tries others."""

from __future__ import annotations

import functools
import os
import subprocess

from tests.support.shell import ROOT


@functools.cache
def first_seed() -> int:
    """A number below 2^48; 1 where there is neither variable nor commit."""
    if told := os.environ.get("FIELD_SEED"):
        return int(told)
    command = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True)
    return int(done.stdout[:12], 16) if done.returncode == 0 and done.stdout.strip() else 1
