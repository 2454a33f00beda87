"""``manage.py up``: all processes in one terminal."""

from __future__ import annotations

import os
import shlex
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from config import datadir, hosts
from config.first_admin import create_first_admin
from config.server.supervisor import preflight, procfile, redis
from config.server.supervisor.console import Console, JsonConsole
from config.server.supervisor.supervisor import Supervisor
from config.start_error import StartError
from downloads.network.installation_key import check_key
from downloads.sample import catalogue

REDIS = "redis"
REDIS_PATIENCE = 30.0  # seconds to load its data
WEB_PATIENCE = 60.0  # seconds until the web process listens


class Command(BaseCommand):
    help = "Migrate, create the first admin, and run web, worker, scheduler and a Redis."
    requires_system_checks: list[str] = []  # `migrate` runs them

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--no-sample", action="store_true", help="leave the sample content out of the catalogue"
        )
        parser.add_argument(
            "--only",
            metavar="NAMES",
            help="start only these, with commas between them, such as redis or web,worker",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        commands = procfile.parse((datadir.BASE_DIR / "Procfile").read_text())
        release = commands.pop(procfile.RELEASE, None)
        names = _chosen(options["only"], [REDIS, *commands])
        with preflight.lock(settings.DATA_DIR):
            datadir.make_private(settings.DATA_DIR, _sqlite_file())
            if "web" in names:
                preflight.check_port(settings.HOST, settings.PORT)
            if not settings.AWS_STORAGE_BUCKET_NAME:
                datadir.make_writable(settings.STORAGE_PATH, "STORAGE_PATH")
            preflight.check_database()
            console = _console()
            with (
                Supervisor(console, _environment(), str(datadir.BASE_DIR)) as supervisor,
                _redis(supervisor, names),
            ):
                _release(supervisor, release)
                _first_admin(supervisor)
                for name in commands:
                    if name in names and not supervisor.stopping:
                        supervisor.start(name, commands[name])
                if "web" in names:
                    _sample(supervisor, wanted=not options["no_sample"])
                _announce(supervisor, "web" in names)
                supervisor.run()
                console.say("Stopping ...")
            console.say("Stopped. Everything is kept for the next start.")


ADMIN_PASSWORD: Final = "DJANGO_SUPERUSER_PASSWORD"  # noqa: S105 - its name


def _sqlite_file() -> Path | None:
    database = settings.DATABASES["default"]
    return Path(database["NAME"]) if database["ENGINE"] == "config.sqlite" else None


def _chosen(only: str | None, known: list[str]) -> list[str]:
    names = known if only is None else [name.strip() for name in only.split(",")]
    for name in names:
        if name not in known:
            raise StartError(f'--only: there is no "{name}". Choose from {", ".join(known)}.')
    return names


def _console() -> Console:
    if settings.LOG_FORMAT == "json":
        return JsonConsole(sys.stdout.buffer)
    return Console(sys.stdout.buffer, sys.stdout.isatty() and not os.environ.get("NO_COLOR"))


def _environment() -> dict[str, str]:
    """Return the children's environment: this virtual environment first, logs unbuffered."""
    path = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    return {
        # the first admin is made here: no child needs the password
        **{name: os.environ[name] for name in os.environ if name != ADMIN_PASSWORD},
        "PATH": os.pathsep.join(path),
        "PYTHONUNBUFFERED": "1",
        "DATA_DIR": str(settings.DATA_DIR),
        "HOST": settings.HOST,
        "PORT": str(settings.PORT),
    }


@contextmanager
def _redis(supervisor: Supervisor, names: list[str]) -> Iterator[None]:
    """Run the embedded one, if it is used, and hold its port: it may start several times."""
    if not settings.REDIS_EMBEDDED or REDIS not in names:
        yield
        return
    reserved = redis.reserve_port(settings.DATA_DIR)
    try:
        supervisor.start(REDIS, shlex.join(redis.command(settings.DATA_DIR)), last=True)
        url = datadir.read(datadir.redis_url_file(settings.DATA_DIR))
        ready = supervisor.wait_until(lambda: redis.answers(url), REDIS_PATIENCE)
        if not ready and not supervisor.stopping:
            raise StartError(
                "The embedded Redis is not responding; see its log lines above. "
                "Set REDIS_URL to use another one."
            )
        yield
    finally:
        reserved.release()


def _release(supervisor: Supervisor, command: str | None) -> None:
    if command is None or supervisor.stopping:
        return
    status = supervisor.run_once(procfile.RELEASE, command)
    if status:
        raise StartError("The database could not be migrated; see the log lines above.")
    check_key()


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


def _sample(supervisor: Supervisor, *, wanted: bool) -> None:
    """Start the sample beside the other processes: the first time, the ladder takes a while."""
    if supervisor.stopping:
        return
    if wanted:
        supervisor.start("sample", "python manage.py sample", restart=False)
    elif catalogue.home().exists():
        try:
            catalogue.leave_out()
        finally:
            connection.close()


def _announce(supervisor: Supervisor, with_web: bool) -> None:
    if not with_web:
        supervisor.console.say("Ready. Ctrl-C stops it.")
    elif supervisor.wait_until(_web_listens, WEB_PATIENCE):
        host = "localhost" if settings.HOST in hosts.ANY else hosts.bracketed(settings.HOST)
        url = f"http://{host}:{settings.PORT}{settings.URL_PREFIX}/"
        supervisor.console.say(f"Ferry is ready: {url}  (Ctrl-C stops it)")
    elif not supervisor.stopping:
        supervisor.console.say("The web process is not responding yet; see its log lines above.")


def _web_listens() -> bool:
    try:
        here = (hosts.address_here(settings.HOST), settings.PORT)
        socket.create_connection(here, timeout=1).close()
    except OSError:
        return False
    return True
