#!/usr/bin/env python
"""Ferry's commands. `manage.py up` starts everything; `manage.py help` lists the rest."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.variables import Environment

# These need no secret: they meet no user, or make the secret themselves.
WITHOUT_SECRET = {
    "up",
    "fetch",
    "probe",
    "explain",
    "help",
    "check",
    "makemigrations",
    "spectacular",
    "restore",  # the backup may hold it
    "doctor",
}


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
    try:
        from config import datadir, env
    except ImportError:
        sys.exit("Ferry's packages are not installed for this Python. Run `make run`.")

    command = arguments[1] if len(arguments) > 1 else "help"
    if "--help" not in arguments and "-h" not in arguments and not command.startswith("-"):
        environment = _examined(arguments) if command == "doctor" else env.load()
        if command == "fetch":
            _fetch(arguments[2:], environment)
        elif command == "up":
            datadir.make_secret_key(environment.data_dir)
        elif command not in WITHOUT_SECRET:
            env.require_secret_key(environment)
    from django.core.management import execute_from_command_line

    execute_from_command_line(arguments)


def _examined(arguments: list[str]) -> Environment:
    """Return the environment; what keeps Ferry from starting is the doctor's only finding."""
    from config import env
    from config.start_error import StartError

    try:
        return env.load()
    except StartError as error:
        fix = "Correct it, then run this again: nothing else can be examined."
        finding = {"id": "start", "state": "fail", "text": str(error), "fix": fix}
        as_json = json.dumps([finding], indent=2)
        as_text = f"FAIL  start: {error}\n      {fix}"
        sys.stdout.write((as_json if "--json" in arguments else as_text) + "\n")
        sys.exit(1)


def _fetch(arguments: list[str], environment: Environment) -> None:
    """Without Django, which alone takes as long as many a file: returns where it needs Django."""
    from config.server.logs import log_to_stderr
    from downloads.cli import fetch

    log_to_stderr(environment.log_level.upper())
    status = fetch.main(arguments, environment)
    if status is not None:
        fetch.leave(status)


if __name__ == "__main__":
    try:
        main(sys.argv)
    except KeyboardInterrupt:
        sys.exit(130)
