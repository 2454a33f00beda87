#!/usr/bin/python3
"""The part of systemctl that the guide uses, for a Debian without systemd.

Units of /etc/systemd/system are started as they say: User, WorkingDirectory, Environment,
EnvironmentFile, ExecStart. Other services by their init script.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

UNITS = Path("/etc/systemd/system")
STATE = Path("/run/units")


def _settings(name: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the unit's settings, and its environment."""
    base, _, instance = name.partition("@")
    text = (UNITS / (f"{base}@.service" if instance else f"{base}.service")).read_text()
    lines = [line.split("=", 1) for line in text.splitlines() if "=" in line and line[0] != "#"]
    settings = {key: value.replace("%i", instance) for key, value in lines}
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/var/lib/ferry"}
    named, value = settings["Environment"].split("=", 1)
    environment[named] = value
    for line in Path(settings["EnvironmentFile"].lstrip("-")).read_text().splitlines():
        if line and not line.startswith("#"):
            key, value = line.split("=", 1)
            environment[key] = value
    return settings, environment


def start(name: str) -> None:
    settings, environment = _settings(name)
    STATE.mkdir(exist_ok=True)
    with (STATE / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            settings["ExecStart"].split(),
            user=settings["User"],
            group=settings["User"],
            extra_groups=[],
            cwd=settings["WorkingDirectory"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            umask=int(settings["UMask"], 8),
        )
    (STATE / f"{name}.pid").write_text(str(process.pid))


def stop(name: str) -> None:
    """End it as KillMode=mixed does."""
    pid = int((STATE / f"{name}.pid").read_text())
    os.kill(pid, signal.SIGTERM)
    for _ in range(150):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.1)
    sys.exit(f"{name} did not end within 15 s")


def main(arguments: list[str]) -> None:
    verb, *names = [one for one in arguments if not one.startswith("-")]
    for name in names:
        ours = (UNITS / f"{name.partition('@')[0]}.service").exists() or "@" in name
        if not ours:
            action = {"enable": "start"}.get(verb, verb)
            subprocess.run([f"/etc/init.d/{name}", action], check=True)
            continue
        if verb in ("stop", "restart"):
            stop(name)
        if verb in ("enable", "start", "restart"):
            start(name)


if __name__ == "__main__":
    main(sys.argv[1:])
