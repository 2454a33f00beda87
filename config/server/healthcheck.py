"""The health of one container: exit status 0 or 1, with one line that says why.

``python -m config.server.healthcheck [NAME]``: ``up`` and ``web`` by an HTTP request, ``worker`` by
its own heartbeat in the database, ``scheduler`` by the last turn of maintenance. Without a name, by
what the container's first process runs.
"""

from __future__ import annotations

import os
import socket
import sys
import urllib.request
from pathlib import Path
from typing import Final

from config import env
from config.hosts import address_here, bracketed
from config.start_error import StartError

PATIENCE: Final = 4.0  # seconds; the image gives a check 10
NAMES: Final = ("up", "web", "worker", "scheduler")
_ENTRY: Final = "config.server.container"


def process_of(arguments: list[str]) -> str:
    """Return which of NAMES the arguments of a container's first process say. Raises StartError."""
    name = arguments[arguments.index(_ENTRY) + 1 :][:1] if _ENTRY in arguments else []
    if name and name[0] in NAMES:
        return name[0]
    raise StartError(f"Name what is to be checked: {', '.join(NAMES)}.")


def web() -> str:
    """Return why the web process is not healthy; empty if it is."""
    environment = env.load()
    here = f"{bracketed(address_here(environment.host))}:{environment.port}"
    address = f"http://{here}{environment.url_prefix}/healthz"
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE):
            return ""
    except OSError as error:
        return f"{address} is not responding ({error})."


def worker() -> str:
    """Return why this host's worker is not healthy; empty if it is."""
    _set_up_django()
    from downloads import conf
    from downloads.models import Worker

    alive = Worker.objects.alive(conf.LEASE).filter(hostname=socket.gethostname())
    return "" if alive.exists() else "The worker of this host has no recent heartbeat."


def scheduler() -> str:
    """Return why maintenance is not healthy; empty if it is."""
    _set_up_django()
    from config.server.readiness import findings

    finding = findings()["scheduler"]
    return "" if finding.state == "up" else finding.hint


def main(arguments: list[str]) -> None:
    name = arguments[0] if arguments else process_of(_first_process())
    if name not in NAMES:
        raise StartError(f'There is no "{name}". Name one of: {", ".join(NAMES)}.')
    fault = {"up": web, "web": web, "worker": worker, "scheduler": scheduler}[name]()
    if fault:
        raise StartError(fault)


def _first_process() -> list[str]:
    return Path("/proc/1/cmdline").read_text().rstrip("\0").split("\0")


def _set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
    import django

    django.setup()


if __name__ == "__main__":
    main(sys.argv[1:])
