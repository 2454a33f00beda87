"""Workers whose process ids this process can look up: of those it knows for certain who is gone."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import psutil

from downloads.models import Worker

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_PID_NAMESPACE = Path("/proc/self/ns/pid")


@cache
def process_space() -> str:
    """Return the name of what gives this process its id: a boot of a machine, and the container in
    it. Empty where the system does not tell (not Linux).

    A host's name says less: containers of one compose service may share it, and see nothing of each
    other's processes.
    """
    try:
        return f"{_BOOT.read_text().strip()} {_PID_NAMESPACE.readlink()}"
    except OSError:
        return ""


def gone_from_here() -> list[Worker]:
    """Return the workers of this process space that have left a row and run no more."""
    if not process_space():
        return []
    here = Worker.objects.filter(process_space=process_space())
    return [worker for worker in here if not _runs(worker)]


def _runs(worker: Worker) -> bool:
    # Not its start time, which follows the clock of the machine: who runs on after a step of it
    # would be taken for gone. If another process has the id now, the lease has to lapse.
    try:
        os.kill(worker.pid, 0)
        return psutil.Process(worker.pid).status() != psutil.STATUS_ZOMBIE
    except ProcessLookupError:
        return False
    except (PermissionError, psutil.Error):  # another user's, of which /proc may not tell
        return True
