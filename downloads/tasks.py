"""Celery tasks, thin: a message says "there may be work", the database says which."""

from __future__ import annotations

import logging
import os
import threading

from celery import shared_task
from celery.signals import worker_init, worker_ready, worker_shutting_down
from django.db import DatabaseError, connection

from downloads import conf
from downloads.engine.resolver import prewarm
from downloads.jobs import prober, runner
from downloads.jobs.maintenance import Maintenance, wake_workers
from downloads.network.installation_key import check_key
from downloads.queue import wake
from downloads.queue.reaper import reap_gone
from downloads.queue.version_skew import check_schema
from downloads.queue.worker import WorkerProcess

log = logging.getLogger(__name__)

process = WorkerProcess()
maintenance = Maintenance()
probing = threading.Semaphore(conf.PROBE_THREADS)


@shared_task(name=wake.RUN, ignore_result=True)
def run_next() -> None:
    """Work until there is nothing more to claim. A duplicate message finds nothing and ends."""
    try:
        while _run_one():
            pass
    except DatabaseError as error:
        log.warning("database unavailable, nothing claimed error=%s", type(error).__name__)


def _run_one() -> bool:
    with process.claim() as job:
        if job is None:
            return False
        prewarm.begin()
        runner.run(job.lease, job.stop)
        return True


@shared_task(name=wake.PROBE, ignore_result=True)
def probe_next() -> None:
    """Probe until nothing is left to probe."""
    # The pool has PROBE_THREADS more threads than downloads may run: probes keep to these, so that
    # neither four endless downloads nor a thousand pasted links delay the other.
    if not probing.acquire(blocking=False):
        return
    prewarm.begin()
    try:
        while not process.stopping.is_set() and prober.probe_one():
            pass
    except DatabaseError as error:
        log.warning("database unavailable, nothing probed error=%s", type(error).__name__)
    finally:
        probing.release()


@worker_init.connect
def begin(**_: object) -> None:
    check_schema()
    check_key()
    process.start()
    threading.Thread(target=maintenance.run, name="maintenance", daemon=True).start()


@worker_ready.connect
def look_around(**_: object) -> None:
    """Start warm children, and look for work, once Celery listens: earlier, their start would
    delay its own."""
    threading.Thread(target=prewarm.begin, name="warmth", daemon=True).start()
    threading.Thread(target=_wake_for_what_waits, name="first-look", daemon=True).start()


def _wake_for_what_waits() -> None:
    """Take over what a worker that died here had in hand, and send the wake-ups that may be lost:
    it has the turn of maintenance until that lapses, and no other loop may be there."""
    try:
        process.row()  # without it the slots of this worker do not count
        reap_gone()
        wake_workers()
    except DatabaseError as error:
        log.warning("database unavailable, nothing woken error=%s", type(error).__name__)
    finally:
        connection.close()


@worker_shutting_down.connect
def end(**_: object) -> None:
    """Stop the work: Celery waits for its threads, which end soon, or the process is ended."""
    process.shut_down()
    maintenance.stop()
    threading.Thread(target=_leave, name="leaving", daemon=True).start()


def _leave() -> None:
    """Wait for the work to end, in a thread: the signal comes in the main thread's signal
    handler."""
    alarm = threading.Timer(conf.EXIT_WITHIN, os._exit, args=(1,))
    alarm.daemon = True
    alarm.start()
    deadline = threading.Event()
    waited = 0.0
    while process.jobs and waited < conf.RELEASE_WITHIN:
        deadline.wait(0.05)
        waited += 0.05
    process.end()
    prewarm.end()
