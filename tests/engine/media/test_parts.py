"""Sources that change midway: the result plays through, as long as its parts together."""

from __future__ import annotations

from pathlib import Path

import pytest

from downloads.engine.core.errors import ProcessingFailed
from downloads.engine.core.media import StreamKind
from downloads.engine.core.progress import Progress
from downloads.engine.media.inputs import Feed, MediaInput
from tests.engine.media.conftest import Make
from tests.engine.media.films import SECONDS, Films, feed
from tests.support.streaming.verify import decodes_cleanly, facts, pictures


def _plays_through(output: Path, *parts: Path) -> None:
    assert facts(output).duration == pytest.approx(
        sum(facts(part).duration for part in parts), abs=0.1
    )
    assert pictures(output) == [frame for part in parts for frame in pictures(part)]
    assert decodes_cleanly(output)


@pytest.mark.parametrize("starts", [(0.0, 1000.0), (1000.0, 0.0), (0.0, 0.0), (0.0, 4.5)])
def test_the_clock_jumps(films: Films, make: Make, starts: tuple[float, float]) -> None:
    """A discontinuity in MPEG-TS: forth, back, from zero, and by less than it seems."""
    parts = [films.ts(start=start) for start in starts]
    _, output = make([MediaInput(feed(*parts), container="ts")], duration=2 * SECONDS)
    _plays_through(output, *parts)


@pytest.mark.parametrize("ext", ["mp4", "mkv"])
def test_another_init(films: Films, make: Make, ext: str) -> None:
    """fMP4 with another EXT-X-MAP: other parameters, of the same size."""
    told = ("-profile:v", "high", "-bf", "3", *_FRAGMENTED)
    parts = [films.fragmented(), films.film("h264", "aac", "mp4", *told)]
    _, output = make([MediaInput(feed(*parts), container="mp4")], ext, duration=2 * SECONDS)
    _plays_through(output, *parts)


_FRAGMENTED = ("-movflags", "+frag_keyframe+empty_moov+default_base_moof")


@pytest.mark.parametrize("video", ["h264", "hevc"])
def test_another_picture_size(films: Films, make: Make, video: str) -> None:
    parts = [films.fragmented(video=video), films.fragmented(video=video, height=360)]
    _, output = make([MediaInput(feed(*parts), container="mp4")], duration=2 * SECONDS)
    long = sum(facts(part).duration for part in parts)
    assert facts(output).duration == pytest.approx(long, abs=0.1)
    assert decodes_cleanly(output)
    assert len(pictures(output)) == sum(len(pictures(part)) for part in parts)


@pytest.mark.parametrize("video", ["vp9", "vp8", "av1"])
def test_webm(films: Films, make: Make, video: str) -> None:
    part = films.film(video, "opus", "webm")
    _, output = make([MediaInput(feed(part, part), container="webm")], "webm", duration=2 * SECONDS)
    _plays_through(output, part, part)


def test_another_sampling_rate(films: Films, make: Make) -> None:
    """An advertisement with sound of another kind: that part's is re-encoded."""
    parts = [films.ts(), films.ts(start=50.0, rate=48_000), films.ts(start=3.0)]
    found, output = make([MediaInput(feed(*parts), container="ts")], duration=3 * SECONDS)
    assert found.audio_codec == "aac"
    _plays_through(output, *parts)


def test_picture_and_sound_apart(films: Films, make: Make) -> None:
    """Each with its parts, which belong together."""
    pictures_ = [films.fragmented(sound="none"), films.fragmented(sound="none", height=360)]
    sounds = [films.film("h264", "aac", "mp4", "-vn", *_FRAGMENTED)] * 2
    inputs = [
        MediaInput(feed(*pictures_), StreamKind.VIDEO, "mp4"),
        MediaInput(feed(*sounds), StreamKind.AUDIO, "mp4"),
    ]
    found, output = make(inputs, duration=2 * SECONDS)
    assert (found.video_codec, found.audio_codec) == ("h264", "aac")
    assert facts(output).duration == pytest.approx(2 * SECONDS, abs=0.15)
    assert decodes_cleanly(output)


def test_parts_of_the_picture_alone(films: Films, make: Make, media: object) -> None:
    """The sound goes on where the picture changes."""
    whole = films.made(
        "six", "six.m4a", "-f", "lavfi", "-i", f"sine=duration={2 * SECONDS}", "-c:a", "aac"
    )
    picture = films.fragmented(sound="none")
    inputs = [
        MediaInput(feed(picture, picture), StreamKind.VIDEO, "mp4"),
        MediaInput(whole, StreamKind.AUDIO, "mp4"),
    ]
    found, output = make(inputs, duration=2 * SECONDS)
    assert found.audio_codec == "aac"
    _plays_through(output, picture, picture)


def test_sound_alone(films: Films, make: Make) -> None:
    parts = feed(films.ts(), films.ts(start=100.0))
    found, output = make([MediaInput(parts, container="ts")], "m4a", video=False)
    assert found.video_codec is None
    assert facts(output).duration == pytest.approx(2 * SECONDS, abs=0.15)
    assert decodes_cleanly(output)


def test_a_picture_that_ends_where_sound_goes_on(films: Films, make: Make) -> None:
    parts = feed(films.fragmented(), films.film("h264", "aac", "mp4", "-vn", *_FRAGMENTED))
    with pytest.raises(ProcessingFailed) as raised:
        make([MediaInput(parts, container="mp4")])
    assert "changes from picture to sound" in raised.value.message


def test_one_bar_over_all_parts(films: Films, make: Make) -> None:
    told: list[Progress] = []
    parts = feed(films.ts(), films.ts(start=100.0), films.ts())
    make([MediaInput(parts, container="ts")], duration=3 * SECONDS, on_progress=told.append)
    percents = [done.percent for done in told if done.percent is not None]
    assert len(percents) >= 4
    assert percents == sorted(percents)
    assert percents[-1] < 100


def test_streaming_media(films: Films, make: Make) -> None:
    """Pieces as an origin serves them, one after another."""
    folder = films.media.path(films.media.hls_discontinuity()).parent
    listed = (folder / "index.m3u8").read_text().splitlines()
    parts: list[list[bytes]] = [[]]
    for line in listed:
        if line == "#EXT-X-DISCONTINUITY":
            parts.append([])
        elif line and not line.startswith("#"):
            parts[-1].append((folder / line).read_bytes())
    assert len(parts) == 2
    _, output = make([MediaInput(Feed(parts, 2), container="ts")], duration=9.0)
    assert facts(output).duration == pytest.approx(9.0, abs=0.1)
    assert decodes_cleanly(output)
