"""A plan of the start, found by `up` and handed to the supervisor that stays."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from config.datadir import BASE_DIR


@dataclass(frozen=True, slots=True)
class StartPlan:
    """The processes to run, and where they are. It holds no secret: command lines are readable.

    ``commands``: name to shell command, in the order of the start. ``redis``: the binary of the
    embedded server, empty without one. ``listens``: host and port of the web process as this
    machine reaches it; None without one. ``lock``: the open file that keeps another `up` out.
    """

    data_dir: str
    commands: dict[str, str]
    redis: str
    listens: tuple[str, int] | None
    url: str
    sample: bool
    log_json: bool
    lock: int

    def to_text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> StartPlan:
        values = json.loads(text)
        listens = values["listens"]
        return cls(**{**values, "listens": None if listens is None else tuple(listens)})


def become_supervisor(plan: StartPlan, environment: Mapping[str, str]) -> None:
    """Replace this process by the supervisor, which needs neither Django nor any package: 10 MiB
    instead of 70, for as long as Ferry runs. The process number stays."""
    os.set_inheritable(plan.lock, True)
    os.chdir(BASE_DIR)
    sys.stdout.flush()
    # -S: no package is looked for, nor loaded by a .pth file
    command = [sys.executable, "-S", "-m", __package__, plan.to_text()]
    os.execve(command[0], command, dict(environment))  # noqa: S606 - the process itself
