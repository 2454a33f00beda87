"""Feeds: what is still being fetched goes into ffmpeg as it comes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import NetworkError, ProcessingFailed, Stopped, StopReason
from downloads.engine.core.media import StreamKind
from downloads.engine.core.progress import Progress
from downloads.engine.media.config import MediaConfig
from downloads.engine.media.inputs import Feed, MediaInput
from tests.engine.media.conftest import Make
from tests.engine.media.films import SECONDS, Films, blocks, endless, feed
from tests.support.beats import Beats
from tests.support.streaming.verify import decodes_cleanly, facts, pictures


@pytest.fixture(autouse=True)
def no_feeder_is_left() -> Iterator[None]:
    yield
    assert not [thread for thread in threading.enumerate() if thread.name == "feeder"]


@pytest.mark.parametrize("container", ["ts", "mp4", "webm"])
def test_a_feed(films: Films, make: Make, container: str) -> None:
    source = {
        "ts": films.ts(),
        "mp4": films.fragmented(),
        "webm": films.film("vp9", "opus", "webm"),
    }[container]
    ext = "webm" if container == "webm" else "mp4"
    _, output = make([MediaInput(feed(source), container=container)], ext, duration=SECONDS)
    assert facts(output).duration == pytest.approx(SECONDS, abs=0.1)
    assert pictures(output) == pictures(source)
    assert decodes_cleanly(output)


def test_sound_in_pieces(films: Films, make: Make) -> None:
    """Packed audio: ADTS behind an ID3 tag (RFC 8216, 3.4)."""
    sound = films.sound("aac", "aac")
    tag = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + b"\x00" * 10
    parts = Feed([[tag, *blocks(sound)]])
    found, output = make([MediaInput(parts, StreamKind.AUDIO, "aac")], "m4a", video=False)
    assert found.audio_codec == "aac"
    assert decodes_cleanly(output)


def test_two_feeds_of_very_different_size(films: Films, make: Make) -> None:
    """Neither waits for the other for ever, whichever ffmpeg wants first."""
    picture = films.fragmented(sound="none", height=720)
    sound = films.film("h264", "aac", "mp4", "-frag_duration", "100000", "-vn")
    inputs = [
        MediaInput(feed(picture), StreamKind.VIDEO, "mp4"),
        MediaInput(Feed([_slowly(sound)]), StreamKind.AUDIO, "mp4"),
    ]
    found, output = make(inputs, "mp4", duration=SECONDS)
    assert (found.height, found.audio_codec) == (720, "aac")
    assert decodes_cleanly(output)


def _slowly(path: Path, size: int = 1000) -> Iterator[bytes]:
    for block in blocks(path, size):
        time.sleep(0.003)
        yield block


def test_what_a_feed_raises_is_raised(films: Films, make: Make, work_dir: Path) -> None:
    """And is not taken for the end of the stream."""

    def breaking() -> Iterator[bytes]:
        yield from list(blocks(films.ts()))[:-3] * 50
        raise NetworkError("the source is gone")

    with pytest.raises(NetworkError, match="the source is gone"):
        make([MediaInput(Feed([breaking()]), container="ts")])
    assert not (work_dir / "made.mp4").exists()


def test_what_a_feed_raises_before_its_first_byte(make: Make) -> None:
    def breaking() -> Iterator[bytes]:
        raise NetworkError("nothing came")
        yield b""

    with pytest.raises(NetworkError):
        make([MediaInput(Feed([breaking()]), container="ts")])


def test_a_feed_without_a_byte(make: Make) -> None:
    with pytest.raises(ProcessingFailed):
        make([MediaInput(Feed([[b"", b""]]), container="ts")])
    with pytest.raises(ProcessingFailed):
        make([MediaInput(Feed([]), container="ts")])


@pytest.mark.timeout(60)
def test_stopping_while_it_runs(films: Films, make: Make) -> None:
    stop = StopToken()

    def tell(done: Progress) -> None:
        if done.bytes_done > 100_000:
            stop.stop(StopReason.SHUTDOWN)

    with pytest.raises(Stopped):
        make([MediaInput(Feed([endless(films.ts())]), container="ts")], stop=stop, on_progress=tell)


def test_stopping_while_the_source_has_nothing(films: Films, make: Make) -> None:
    stop = StopToken()
    waiting = threading.Event()

    def starving() -> Iterator[bytes]:
        yield from list(blocks(films.ts())) * 40
        while not stop.stopped:
            waiting.set()
            yield b""
            time.sleep(0.01)

    threading.Thread(
        target=lambda: (waiting.wait(30), stop.stop(StopReason.UNWANTED)), daemon=True
    ).start()
    with pytest.raises(Stopped):
        make([MediaInput(Feed([starving()]), container="ts")], stop=stop)


def test_it_beats_while_it_gets_on(films: Films, make: Make) -> None:
    stop = Beats()
    # more than what is looked into before ffmpeg begins
    make([MediaInput(Feed([_slowly(films.long(), 30_000)]), container="ts")], stop=stop)
    assert stop.count > 3


def test_an_ffmpeg_that_ends_early_ends_its_feeders(
    films: Films, make: Make, config: MediaConfig
) -> None:
    limited = replace(config, file_bytes=200_000)
    with pytest.raises(ProcessingFailed) as raised:
        make([MediaInput(Feed([endless(films.ts())]), container="ts")], "mkv", config=limited)
    assert "too large for the server" in raised.value.message


def test_an_ffmpeg_that_stands_still_is_ended(
    films: Films, make: Make, config: MediaConfig
) -> None:
    """It has its input and prints its reports, but nothing moves."""
    impatient = replace(config, stall=0.0)
    with pytest.raises(ProcessingFailed, match="stood still"):
        make([MediaInput(films.ts())], config=impatient)
