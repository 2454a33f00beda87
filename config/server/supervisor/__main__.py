"""``python -S -m config.server.supervisor PLAN``: what stays of `up` once all is prepared.

Imports the standard library alone: this process does little, for as long as Ferry runs.
"""

from __future__ import annotations

import os
import shlex
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config import datadir
from config.server.supervisor import redis
from config.server.supervisor.console import console_for
from config.server.supervisor.plan import StartPlan
from config.server.supervisor.supervisor import Supervisor
from config.start_error import StartError

REDIS_PATIENCE = 30.0  # seconds to load its data
WEB_PATIENCE = 60.0  # seconds until the web process listens
_SAMPLE = "python manage.py sample"


def main(plan: StartPlan) -> None:
    os.set_inheritable(plan.lock, False)  # held until this process ends
    console = console_for(sys.stdout, as_json=plan.log_json)
    with (
        Supervisor(console, dict(os.environ), str(datadir.BASE_DIR)) as supervisor,
        _redis(supervisor, plan),
    ):
        for name, command in plan.commands.items():
            if not supervisor.stopping:
                supervisor.start(name, command)
        if plan.sample and not supervisor.stopping:
            # beside the others: the first time, the ladder takes a while
            supervisor.start("sample", _SAMPLE, restart=False)
        _announce(supervisor, plan)
        supervisor.run()
        console.say("Stopping ...")
    console.say("Stopped. Everything is kept for the next start.")


@contextmanager
def _redis(supervisor: Supervisor, plan: StartPlan) -> Iterator[None]:
    """Run the embedded one, if it is used, and hold its port: it may start several times."""
    if not plan.redis or supervisor.stopping:
        yield
        return
    data_dir = Path(plan.data_dir)
    reserved = redis.reserve_port(data_dir)
    try:
        command = shlex.join([plan.redis, str(redis.configure(data_dir))])
        supervisor.start(redis.NAME, command, last=True)
        url = datadir.read(datadir.redis_url_file(data_dir))
        ready = supervisor.wait_until(lambda: redis.answers(url), REDIS_PATIENCE)
        if not ready and not supervisor.stopping:
            raise StartError(
                "The embedded Redis is not responding; see its log lines above. "
                "Set REDIS_URL to use another one."
            )
        yield
    finally:
        reserved.release()


def _announce(supervisor: Supervisor, plan: StartPlan) -> None:
    listens = plan.listens
    if listens is None:
        supervisor.console.say("Ready. Ctrl-C stops it.")
    elif supervisor.wait_until(lambda: _is_listening(listens), WEB_PATIENCE):
        supervisor.console.say(f"Ferry is ready: {plan.url}  (Ctrl-C stops it)")
    elif not supervisor.stopping:
        supervisor.console.say("The web process is not responding yet; see its log lines above.")


def _is_listening(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main(StartPlan.from_text(sys.argv[1]))
