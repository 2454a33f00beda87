"""A film of many pieces, put down, taken over and finished: nothing twice, and exactly once."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.core.files.storage import storages
from django.db import connection
from django.db.models.functions import Now

from downloads import conf, services
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import StopReason
from downloads.engine.pipeline import parallel_fetch
from downloads.jobs import runner
from downloads.models import Download, Rendition
from downloads.queue.reaper import reap
from tests.support.doomed_worker import DoomedWorker, Step
from tests.support.ledger import again, ask, claim_by, person, status, worker
from tests.support.stack import until
from tests.support.streaming.gate import Gate
from tests.support.streaming.media import SECONDS, Media
from tests.support.streaming.origin import StreamingOrigin
from tests.support.streaming.verify import complaints, facts

pytestmark = pytest.mark.django_db(transaction=True)


def run(stop: StopToken | None = None) -> None:
    runner.run(claim_by(worker()), stop or StopToken())


def run_until(
    films: StreamingOrigin,
    pieces: int,
    reason: StopReason,
    first: Callable[[], object] = lambda: None,
) -> None:
    """Stop for this reason, and do this first, once so many pieces have been asked for."""
    stop = StopToken()

    def watch() -> None:
        while sum(films.pieces.values()) < pieces:
            threading.Event().wait(0.01)
        first()
        connection.close()
        stop.stop(reason)

    thread = threading.Thread(target=watch)
    thread.start()
    run(stop)
    thread.join()
    films.settle()  # what was on its way is in its log


def slowly(films: StreamingOrigin, media: Media) -> str:
    """A film of two streams whose pieces take a moment each."""
    url = films.url(media.hls_separate())
    films.delay = 0.3
    return url


def good(download: Download) -> bool:
    now: Any = again(download)
    path = Path(storages["media"].path(now.rendition.storage_name))
    assert now.status == "completed"
    assert facts(path).height == 720
    assert facts(path).duration == pytest.approx(SECONDS, abs=0.1)
    return not complaints(path) and left() == []


def left() -> list[Path]:
    return [path for path in conf.work_dir().rglob("*") if path.is_file()]


def durable(streams: dict[str, Any]) -> int:
    return sum(end - start for each in streams.values() for start, end, _ in each["runs"])


def died() -> None:
    """Do what the reaper does with a worker that is gone."""
    Rendition.objects.update(lease_expires_at=Now() - timedelta(seconds=1))
    assert reap() == 1


def test_shutdown_hands_back_and_the_next_goes_on(
    media: Media, films: StreamingOrigin, settings: Any
) -> None:
    settings.FETCH_CONNECTIONS = 2
    download = ask(person("alice"), slowly(films, media))
    run_until(films, 8, StopReason.SHUTDOWN)
    assert status(download) == "queued"
    kept = durable(Rendition.objects.get().checkpoint["streams"])
    assert kept >= 3
    before = sum(films.pieces.values())
    films.delay = 0
    lists = films.fetches("/hls_separate/master.m3u8")
    run()
    assert good(download)
    assert sum(films.pieces.values()) - before == len(films.pieces) - kept
    assert films.fetches("/hls_separate/master.m3u8") == lists, "what was resolved is kept"


def test_a_cancel_frees_everything(media: Media, films: StreamingOrigin) -> None:
    alice = person("alice")
    download = ask(alice, slowly(films, media))
    run_until(films, 6, StopReason.UNWANTED, first=lambda: services.cancel(alice, download.pk))
    assert status(download) == "cancelled"
    assert left() == []


def test_links_that_expired_over_a_pause_are_resolved_again(
    media: Media, films: StreamingOrigin, settings: Any
) -> None:
    settings.FETCH_CONNECTIONS = 2
    films.signature = "monday"
    download = ask(person("alice"), slowly(films, media))
    run_until(films, 8, StopReason.SHUTDOWN)
    kept = durable(Rendition.objects.get().checkpoint["streams"])
    assert kept >= 3
    films.signature, films.delay = "tuesday", 0
    since = len(films.log)
    run()
    assert good(download)
    sent = [asked for asked in films.log[since:] if asked.status == 200 and ".m4" in asked.path]
    assert len(sent) == len(films.pieces) - kept


def test_a_death_in_the_mux_fetches_nothing_again(
    media: Media, films: StreamingOrigin, doomed_worker: DoomedWorker
) -> None:
    gate = Gate(films, media)
    download = ask(person("alice"), films.url(media.hls_separate()))
    doomed_worker.start(claim_by(worker()))
    (ffmpeg,) = until(muxing)
    ffmpeg.suspend()
    gate.open()
    until(lambda: Rendition.objects.get().phase == "processing")
    doomed_worker.kill()
    doomed_worker.wait()
    died()
    pieces = sum(films.pieces.values())
    run()
    assert good(download)
    assert sum(films.pieces.values()) == pieces == len(films.pieces)


@pytest.mark.parametrize("step", [Step.MOVE, Step.MOVED])
def test_a_death_while_finalising_makes_nothing_again(
    media: Media, films: StreamingOrigin, doomed_worker: DoomedWorker, step: Step
) -> None:
    download = ask(person("alice"), films.url(media.hls_separate()))
    doomed_worker.dies_at(step, claim_by(worker()))
    died()
    known = Rendition.objects.get()
    final = Path(storages["media"].path(known.storage_name))
    (made,) = [final] if step is Step.MOVED else finished()
    of_the_first = made.stat().st_ino
    run()
    assert good(download)
    assert Rendition.objects.get().sha256 == known.sha256
    assert final.stat().st_ino == of_the_first, "the very file, moved"


def test_what_was_made_is_not_trusted_for_being_there(
    media: Media, films: StreamingOrigin, doomed_worker: DoomedWorker
) -> None:
    download = ask(person("alice"), films.url(media.hls_separate()))
    doomed_worker.dies_at(Step.MOVE, claim_by(worker()))
    died()
    (made,) = finished()
    made.write_bytes(made.read_bytes()[:-1] + b"x")
    run()
    assert good(download)


def finished() -> list[Path]:
    """The file that ffmpeg has made, before it is moved."""
    return [path for path in left() if ".made" in str(path) and path.name.startswith("file.")]


def muxing() -> list[psutil.Process]:
    """The ffmpeg below this process that reads what still comes, and not only its head."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "ffmpeg" in child.name() and "feed-" in " ".join(child.cmdline()):
                found.append(child)
    return found


def test_ffmpeg_keeps_the_lease_while_it_gets_on_and_no_longer(
    media: Media, films: StreamingOrigin
) -> None:
    gate = Gate(films, media)
    download = ask(person("alice"), films.url(media.hls_separate()))
    stop = StopToken()

    def go() -> None:
        run(stop)
        connection.close()

    working = threading.Thread(target=go)
    working.start()
    (ffmpeg,) = until(muxing)
    ffmpeg.suspend()
    gate.open()
    until(lambda: Rendition.objects.get().phase == "processing")
    until(lambda: stop.idle_seconds > parallel_fetch.QUIET, 20)
    ffmpeg.resume()
    working.join(30)
    assert good(download)


def test_another_cut_of_the_film_is_begun_again(
    media: Media, films: StreamingOrigin, settings: Any
) -> None:
    """A piece of the same name in the new list is another: never a splice."""
    settings.FETCH_CONNECTIONS = 2
    url = films.url(media.hls_ts())
    films.delay = 0.3
    download = ask(person("alice"), url)
    run_until(films, 5, StopReason.SHUTDOWN)
    films.delay = 0
    index = films.file("/hls_ts/index.m3u8")
    other = media.path(media.hls_byte_ranges())
    index.data = other.read_bytes()
    films.serve("/hls_ts/index.ts", other.with_name("index.ts").read_bytes())
    run()
    now: Any = again(download)
    assert now.status == "completed"
    path = Path(storages["media"].path(now.rendition.storage_name))
    assert facts(path).duration == pytest.approx(SECONDS, abs=0.1)
    assert not complaints(path)
    assert left() == []
