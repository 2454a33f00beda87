#!/usr/bin/env python
"""Ferry's commands. `manage.py up` starts everything; `manage.py help` lists the rest."""

from __future__ import annotations

import os
import sys

# These need no secret: they meet no user, or make the secret themselves.
WITHOUT_SECRET = {"up", "fetch", "probe", "help", "check", "makemigrations", "spectacular"}


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Ferry's packages are not installed for this Python. Run `make run`.")
    from config import datadir, env

    command = arguments[1] if len(arguments) > 1 else "help"
    if "--help" not in arguments and "-h" not in arguments and not command.startswith("-"):
        environment = env.load()
        if command == "up":
            datadir.make_secret_key(environment.data_dir)
        elif command not in WITHOUT_SECRET:
            env.require_secret_key(environment)
    execute_from_command_line(arguments)


if __name__ == "__main__":
    try:
        main(sys.argv)
    except KeyboardInterrupt:
        sys.exit(130)
