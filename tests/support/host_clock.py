"""The clock of one host, stepped while its processes run (libfaketime, Debian's `faketime`)."""

from __future__ import annotations

from pathlib import Path

_FOUND = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
LIBRARY = _FOUND[-1] if _FOUND else None
MISSING = "libfaketime (Debian's package faketime) is not here"


class HostClock:
    """``variables`` are for the environment of all processes of the host: a host has one clock.

    Only the wall clock steps; the monotonic one goes on, as the kernel's does. Jailed children get
    no environment, and keep the machine's clock, which they write nowhere.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.step_to(0)

    @property
    def variables(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",  # all processes see a step in the same moment
            # its remedy for a defect of glibc has the waits for the GIL return at once
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "PYTHONPATH": str(Path(__file__).parent / "stepped"),
        }

    def step_to(self, seconds: int) -> None:
        """Show so many seconds more than the machine's clock, from now on."""
        written = self._file.with_suffix(".new")
        written.write_text(f"{seconds:+d}\n")
        written.replace(self._file)  # it is read at every moment
