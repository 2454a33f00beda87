"""All probes at once, each in a thread of its own: what hangs is said to hang, and waited for no
longer."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from django.db import connection

from downloads.doctor import (
    broker,
    clock,
    data_dir,
    database,
    disk,
    ffmpeg,
    names,
    port,
    public_address,
    sandbox,
    secret,
    settings_checks,
    storage,
    workers,
    ytdlp,
)
from downloads.doctor.finding import Finding, Probe, fail

LONGEST: Final = 12.0  # seconds for any probe
# In the order of the report.
PROBES: Final[Mapping[str, Probe]] = {
    "settings": settings_checks.probe,
    "secret_key": secret.probe,
    "data_dir": data_dir.probe,
    "disk": disk.probe,
    "port": port.probe,
    "database": database.probe,
    "redis": broker.probe,
    "workers": workers.probe,
    "storage": storage.probe,
    "clock": clock.probe,
    "dns": names.probe,
    "ffmpeg": ffmpeg.probe,
    "sandbox": sandbox.probe,
    "ytdlp": ytdlp.probe,
}


def examine(address: str = "") -> list[Finding]:
    """Return what all probes found. Takes LONGEST at most.

    ``address``: the public URL, if it is none of CSRF_TRUSTED_ORIGINS.
    """
    return run({**PROBES, "public_address": partial(public_address.probe, address)})


def run(probes: Mapping[str, Probe], longest: float = LONGEST) -> list[Finding]:
    """Run these probes at the same time; ``longest`` in seconds."""
    until = time.monotonic() + longest
    threads = [_Examination(name, probe) for name, probe in probes.items()]
    for thread in threads:
        thread.start()
    return [finding for thread in threads for finding in thread.findings(until, longest)]


class _Examination(threading.Thread):
    def __init__(self, id: str, probe: Probe) -> None:
        # A daemon: a probe that hangs must not delay the end of the command.
        super().__init__(name=f"doctor-{id}", daemon=True)
        self._id = id
        self._probe = probe
        self._found: list[Finding] = []
        self._ended = False

    def run(self) -> None:
        try:
            for finding in self._probe():
                self._found.append(finding)
        except Exception as error:  # noqa: BLE001 - a defect of one probe must not hide the others
            self._found.append(
                fail(self._id, f"It could not be examined ({type(error).__name__}).", REPORT)
            )
        finally:
            self._ended = True
            connection.close()  # of this thread, if it had one

    def findings(self, until: float, longest: float) -> Sequence[Finding]:
        """Wait for the probe until then on the monotonic clock; return what it has found."""
        self.join(max(until - time.monotonic(), 0))
        found = list(self._found)
        if not self._ended:
            found.append(fail(self._id, f"No answer within {longest:.0f} s.", HANGS))
        return found


REPORT: Final = "Report it, with the log."
HANGS: Final = (
    "What it asks takes the connection and does not answer: look at its log, and start it again."
)
