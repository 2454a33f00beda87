"""A film of pieces that ffmpeg puts together, on a real worker: killed, stopped and put down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.files import files_below
from tests.support.stack import Person, Stack, runs, until
from tests.support.streaming.gate import Gate
from tests.support.streaming.media import SECONDS, Media
from tests.support.streaming.origin import StreamingOrigin
from tests.support.streaming.verify import complaints, facts

pytestmark = [pytest.mark.stack, pytest.mark.timeout(180)]


@pytest.fixture
def gate(media: Media, streaming: StreamingOrigin) -> Iterator[Gate]:
    made = Gate(streaming, media)
    yield made
    made.open()


@pytest.fixture
def slow(media: Media, streaming: StreamingOrigin, gate: Gate) -> str:
    """A film of two streams at 720p that does not end before the gate is opened."""
    return streaming.url(media.hls_separate())


def kept(stack: Stack, download: str) -> int:
    """Return the number of durable pieces by the row."""
    said = stack.shell(
        "import json; from downloads.models import Download;"
        f"print(json.dumps(Download.objects.get(pk={download!r}).rendition.checkpoint))",
    )
    checkpoint: dict[str, Any] | None = json.loads(said)
    streams = (checkpoint or {}).get("streams", {})
    return sum(end - start for each in streams.values() for start, end, _ in each["runs"])


def is_released(stack: Stack, download: str) -> bool:
    """Return if no worker has it in hand: by now it has written what is kept."""
    said = stack.shell(
        "from downloads.models import Download;"
        f"print(Download.objects.get(pk={download!r}).rendition.lease_token)",
    )
    return said.strip() == "None"


def asked(origin: StreamingOrigin) -> int:
    return sum(origin.pieces.values())


def muxing(stack: Stack) -> list[psutil.Process]:
    """Those that read what still comes, and not only its head."""
    return [each for each in stack.processes("feed-") if runs(each)]


def gone(processes: list[psutil.Process]) -> bool:
    return not any(map(runs, processes))


def parts(stack: Stack) -> list[Path]:
    return files_below(stack.media / ".incoming")


def is_whole(person: Person, done: dict[str, Any], folder: Path) -> bool:
    path = folder / "stored.mp4"
    path.write_bytes(person.get(f"downloads/{done['id']}/file/").content)
    found = facts(path)
    assert (found.height, found.video_codec, found.audio_codec) == (720, "h264", "aac")
    assert found.duration == pytest.approx(SECONDS, abs=0.1)
    return not complaints(path)


def stored(stack: Stack) -> list[Path]:
    return [path for path in stack.media.glob("*.mp4") if path.is_file()]


def finish(person: Person, download: str) -> None:
    person.request("DELETE", f"downloads/{download}/")
    until(lambda: not stored(person.stack))
    until(lambda: not parts(person.stack))


def test_parsers_are_warm_before_the_first_request(stack: Stack) -> None:
    worker = stack.one("celery")
    for child in (
        "downloads.engine.resolver.manifests.child",
        "downloads.engine.resolver.ytdlp.child",
    ):
        (process, *_) = until(lambda child=child: stack.processes(child))  # type: ignore[misc]
        assert worker.pid in [parent.pid for parent in process.parents()]
        assert process.nice() == worker.nice()


def test_killed_while_the_pieces_come_and_while_ffmpeg_works(
    stack: Stack,
    alice: Person,
    media: Media,
    streaming: StreamingOrigin,
    slow: str,
    gate: Gate,
    tmp_path: Path,
) -> None:
    """Two films, one kill: of one there are some pieces, and ffmpeg reads along; of the other
    there are all, and nothing is left to do but ffmpeg's."""
    coming = alice.ask(slow)["id"]
    until(lambda: kept(stack, coming) >= 2)
    along = until(lambda: muxing(stack))
    other = StreamingOrigin(media.root)
    last = Gate(other, media)
    worked_on = alice.ask(other.url(media.hls_separate()))["id"]
    held = until(lambda: [each for each in muxing(stack) if each not in along])
    for process in held:
        process.suspend()
    last.open()
    until(lambda: alice.download(worked_on)["phase"] == "processing")
    before = asked(other)
    assert not gone(along)
    stack.kill_worker()
    until(lambda: gone(along) and gone(held))
    durable, asked_for = kept(stack, coming), asked(streaming)
    assert durable >= 2
    assert kept(stack, worked_on) == len(other.pieces)
    gate.open()
    for download in (coming, worked_on):
        assert is_whole(alice, alice.wait_for(download, "completed", 60), tmp_path)
        assert alice.timeline(download) == [
            "requested", "started", "worker_lost", "started", "finalizing", "stored",
        ]  # fmt: skip
    assert asked(streaming) - asked_for <= len(streaming.pieces) - durable + 2, "and what was cut"
    assert asked(other) == before, "nothing is fetched again"
    other.close()
    assert (len(stored(stack)), parts(stack)) == (2, [])
    alice.request("DELETE", f"downloads/{worked_on}/")
    finish(alice, coming)


def test_a_cancel_ends_ffmpeg_and_frees_the_pieces(
    stack: Stack, alice: Person, slow: str, gate: Gate
) -> None:
    download = alice.ask(slow)["id"]
    held = until(lambda: muxing(stack))
    for process in held:
        process.suspend()
    assert alice.post(f"downloads/{download}/cancel/").json()["status"] == "cancelled"
    until(lambda: gone(held) and not parts(stack), 20)
    assert stored(stack) == []


def test_paused_and_resumed(
    stack: Stack, alice: Person, streaming: StreamingOrigin, slow: str, gate: Gate, tmp_path: Path
) -> None:
    download = alice.ask(slow)["id"]
    until(lambda: kept(stack, download) >= 2)
    running = until(lambda: muxing(stack))
    alice.post(f"downloads/{download}/pause/")
    until(lambda: gone(running))
    until(lambda: is_released(stack, download))
    durable, before = kept(stack, download), asked(streaming)
    gate.open()
    alice.post(f"downloads/{download}/resume/")
    done = alice.wait_for(download, "completed", 30)
    assert is_whole(alice, done, tmp_path)
    assert asked(streaming) - before == len(streaming.pieces) - durable
    finish(alice, download)


def test_told_to_stop_it_hands_back(
    stack: Stack, alice: Person, streaming: StreamingOrigin, slow: str, gate: Gate, tmp_path: Path
) -> None:
    download = alice.ask(slow)["id"]
    until(lambda: kept(stack, download) >= 2)
    running = until(lambda: muxing(stack))
    worker = stack.one("celery")
    worker.terminate()
    until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)
    until(lambda: gone(running))
    gate.open()
    done = alice.wait_for(download, "completed", 60)
    assert done["attempts"] == 1
    assert is_whole(alice, done, tmp_path)
    finish(alice, download)
