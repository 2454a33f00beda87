"""``manage.py up``: all processes in one terminal.

Prepares the start: checks, migration, first admin. Then it becomes the supervisor, which stays.
"""

from __future__ import annotations

import os
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DEFAULT_DB_ALIAS, connection

from config import datadir, hosts
from config.first_admin import create_first_admin
from config.server.supervisor import preflight, procfile, redis
from config.server.supervisor.console import console_for
from config.server.supervisor.plan import StartPlan, become_supervisor
from config.server.supervisor.supervisor import STOP_SIGNALS, Supervisor
from config.start_error import StartError
from downloads.network.installation_key import check_key
from downloads.queue.schema import schema_state
from downloads.sample import catalogue
from downloads.search import index

ADMIN_PASSWORD: Final = "DJANGO_SUPERUSER_PASSWORD"  # noqa: S105 - its name
STAND_INS: Final = datadir.BASE_DIR / "config" / "server" / "stand_ins"
# Started if --only names it: each worker runs the same loop in a thread.
ON_REQUEST: Final = "scheduler"


class Command(BaseCommand):
    help = "Migrate, create the first admin, and run web, worker and a Redis."
    requires_system_checks: list[str] = []  # they are run where the database is prepared

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--no-sample", action="store_true", help="leave the sample content out of the catalogue"
        )
        parser.add_argument(
            "--only",
            metavar="NAMES",
            help="start only these, with commas between them, such as redis or worker,scheduler",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        commands = procfile.parse((datadir.BASE_DIR / "Procfile").read_text())
        release = commands.pop(procfile.RELEASE, None)
        names = _chosen(options["only"], [redis.NAME, *commands])
        with preflight.lock(settings.DATA_DIR) as lock:
            _examine(names)
            environment = _environment()
            sample = "web" in names and not options["no_sample"]
            if not self._prepare(
                release, environment, without_sample="web" in names and not sample
            ):
                return
            plan = StartPlan(
                data_dir=str(settings.DATA_DIR),
                commands={name: commands[name] for name in commands if name in names},
                redis=redis.binary() if settings.REDIS_EMBEDDED and redis.NAME in names else "",
                listens=_address() if "web" in names else None,
                url=_url(),
                sample=sample,
                log_json=settings.LOG_FORMAT == "json",
                lock=lock.fileno(),
            )
            become_supervisor(plan, environment)

    def _prepare(
        self, release: str | None, environment: Mapping[str, str], *, without_sample: bool
    ) -> bool:
        """Migrate and fill the database. Return False if it was stopped meanwhile; if not, signals
        that stop are blocked from here on: they wait for the supervisor."""
        console = console_for(sys.stdout, as_json=settings.LOG_FORMAT == "json")
        with Supervisor(console, environment, str(datadir.BASE_DIR)) as supervisor:
            self._release(supervisor, release)
            _first_admin(supervisor)
            if without_sample and not supervisor.stopping and catalogue.home().exists():
                try:
                    catalogue.leave_out()
                finally:
                    connection.close()
            signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
            if not supervisor.stopping:
                return True
        console.say("Stopped. Everything is kept for the next start.")
        return False

    def _release(self, supervisor: Supervisor, command: str | None) -> None:
        if command is None or supervisor.stopping:
            return
        if is_migrated():  # a second less
            self.check(databases=[DEFAULT_DB_ALIAS])
        elif supervisor.run_once(procfile.RELEASE, command):
            raise StartError("The database could not be migrated; see the log lines above.")
        check_key()


def is_migrated() -> bool:
    """Return True if ``migrate``, which builds what the search's index lacks too, would find
    nothing to do."""
    return not schema_state().pending and index.missing() is None


def _examine(names: list[str]) -> None:
    """Raise StartError if folders, port or database cannot be used."""
    datadir.make_private(settings.DATA_DIR, _sqlite_file())
    if "web" in names:
        preflight.check_port(settings.HOST, settings.PORT)
    if not settings.AWS_STORAGE_BUCKET_NAME:
        datadir.make_writable(settings.STORAGE_PATH, "STORAGE_PATH")
    preflight.check_database()


def _sqlite_file() -> Path | None:
    database = settings.DATABASES["default"]
    return Path(database["NAME"]) if database["ENGINE"] == "config.sqlite" else None


def _chosen(only: str | None, known: list[str]) -> list[str]:
    if only is None:
        return [name for name in known if name != ON_REQUEST]
    names = [name.strip() for name in only.split(",")]
    for name in names:
        if name not in known:
            raise StartError(f'--only: there is no "{name}". Choose from {", ".join(known)}.')
    return names


def _environment() -> dict[str, str]:
    """Return the children's environment: this virtual environment first, logs unbuffered."""
    path = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    packages = [str(STAND_INS), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        # the first admin is made here: no child needs the password
        **{name: os.environ[name] for name in os.environ if name != ADMIN_PASSWORD},
        "PATH": os.pathsep.join(path),
        "PYTHONPATH": os.pathsep.join(packages),
        "AUTOBAHN_USE_NVX": "0",  # a C compiler's front end, for messages of clients that send none
        "PYTHONUNBUFFERED": "1",
        "DATA_DIR": str(settings.DATA_DIR),
        "HOST": settings.HOST,
        "PORT": str(settings.PORT),
    }


def _first_admin(supervisor: Supervisor) -> None:
    if supervisor.stopping:
        return
    try:
        admin = create_first_admin()
    finally:
        connection.close()
    if admin is None:
        return
    how = "the password that you chose"
    if admin.password is not None:
        how = f"the password {admin.password} (shown this once: note it down)"
    supervisor.console.say(f"Sign in as {admin.username} with {how}")


def _address() -> tuple[str, int]:
    return hosts.address_here(settings.HOST), settings.PORT


def _url() -> str:
    host = "localhost" if settings.HOST in hosts.ANY else hosts.bracketed(settings.HOST)
    return f"http://{host}:{settings.PORT}{settings.URL_PREFIX}/"
