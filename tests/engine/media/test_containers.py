"""Every container and codec that a source may have, into what it is to be."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from downloads.engine.core.errors import ProcessingFailed, UnsupportedCodec
from downloads.engine.core.media import Format, Quality, Selection, Stream, StreamKind
from downloads.engine.media.inputs import MediaInput
from downloads.engine.media.recipe import Recipe, recipe_for
from tests.engine.media.conftest import Make
from tests.engine.media.films import SECONDS, Films
from tests.support.streaming.verify import decodes_cleanly, facts, pictures
from tests.support.streaming.workshop import FFMPEG

# video, audio, container of the source -> container of the file
COPIES = [
    ("h264", "aac", "ts", "mp4"),
    ("h264", "aac", "mp4", "mkv"),
    ("h264", "aac", "flv", "mp4"),
    ("h264", "mp3", "ts", "mp4"),
    ("h264", "ac3", "ts", "mp4"),
    ("hevc", "aac", "ts", "mp4"),
    ("vp9", "opus", "webm", "webm"),
    ("vp9", "opus", "webm", "mp4"),
    ("vp8", "vorbis", "webm", "webm"),
    ("vp8", "vorbis", "webm", "mkv"),
    ("av1", "opus", "webm", "mp4"),
    ("h264", "none", "mp4", "mp4"),
]


@pytest.mark.parametrize(("video", "audio", "said", "ext"), COPIES)
def test_copying(films: Films, make: Make, video: str, audio: str, said: str, ext: str) -> None:
    source = films.film(video, audio, said)
    found, output = make([MediaInput(source, container=said)], ext, duration=SECONDS)
    made = facts(output)
    assert (made.video_codec, made.audio_codec) == (video, None if audio == "none" else audio)
    assert (found.video_codec, found.audio_codec) == (made.video_codec, made.audio_codec)
    assert (found.height, found.width, found.fps) == (180, 320, 12.0)
    assert made.duration == pytest.approx(SECONDS, abs=0.1)
    assert found.duration == pytest.approx(made.duration)
    assert decodes_cleanly(output)
    assert pictures(output) == pictures(source)


@pytest.mark.parametrize(
    ("video", "audio", "ext"),
    [("h264", "aac", "mp4"), ("vp9", "opus", "webm"), ("vp9", "aac", "mkv")],
)
def test_picture_and_sound_from_two_files(
    films: Films, make: Make, video: str, audio: str, ext: str
) -> None:
    picture = films.film(video, "none", "webm" if video == "vp9" else "mp4")
    sound = films.sound(audio, "m4a" if audio == "aac" else "webm")
    inputs = [MediaInput(picture, StreamKind.VIDEO), MediaInput(sound, StreamKind.AUDIO)]
    found, output = make(inputs, ext, duration=SECONDS)
    assert (found.video_codec, found.audio_codec) == (video, audio)
    assert facts(output).duration == pytest.approx(SECONDS, abs=0.1)
    assert decodes_cleanly(output)


@pytest.mark.parametrize(
    ("audio", "said", "ext"),
    [
        ("aac", "ts", "m4a"),
        ("aac", "aac", "m4a"),
        ("opus", "webm", "opus"),
        ("opus", "ogg", "webm"),
        ("vorbis", "webm", "ogg"),
        ("mp3", "mp3", "mp3"),
        ("flac", "flac", "flac"),
        ("mp3", "mp3", "m4a"),
    ],
)
def test_sound_alone_is_copied(films: Films, make: Make, audio: str, said: str, ext: str) -> None:
    found, output = make([MediaInput(films.sound(audio, said), container=said)], ext, video=False)
    assert (found.video_codec, found.audio_codec) == (None, audio)
    assert facts(output).duration == pytest.approx(SECONDS, abs=0.1)
    assert decodes_cleanly(output)


def test_the_picture_is_dropped(films: Films, make: Make) -> None:
    source = films.film("h264", "aac", "mp4")
    found, output = make([MediaInput(source)], "m4a", video=False)
    assert (found.video_codec, found.audio_codec) == (None, "aac")
    assert output.stat().st_size < source.stat().st_size


def test_sound_to_mp3(films: Films, make: Make) -> None:
    recipe = Recipe("mp3", video=False, audio_codec="mp3")
    found, output = make([MediaInput(films.film("h264", "aac", "ts"))], "mp3", recipe=recipe)
    assert (found.container, found.video_codec, found.audio_codec) == ("mp3", None, "mp3")
    assert facts(output).duration == pytest.approx(SECONDS, abs=0.1)
    assert decodes_cleanly(output)


def test_the_index_stands_in_front(films: Films, make: Make) -> None:
    _, output = make([MediaInput(films.ts())], "mp4")
    head = output.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")


def test_apple_players_know_hevc_by_its_name(films: Films, make: Make) -> None:
    _, output = make([MediaInput(films.film("hevc", "aac", "ts"))], "mp4")
    assert b"hvc1" in output.read_bytes()


def test_twice_the_same_is_the_same_file(films: Films, make: Make) -> None:
    inputs = [MediaInput(films.film("h264", "aac", "ts"))]
    first = make(inputs, "mkv")[1].read_bytes()
    assert make(inputs, "mkv")[1].read_bytes() == first


@pytest.mark.parametrize(
    ("video", "audio", "said", "ext"),
    [("h264", "aac", "mp4", "webm"), ("vp8", "vorbis", "webm", "mp4")],
)
def test_what_does_not_fit_is_said_in_a_sentence(
    films: Films, make: Make, video: str, audio: str, said: str, ext: str
) -> None:
    with pytest.raises(ProcessingFailed) as raised:
        make([MediaInput(films.film(video, audio, said))], ext)
    assert raised.value.message.startswith(f"The site's {video} does not fit into a .{ext} file")


def test_a_track_that_is_missing(films: Films, make: Make) -> None:
    sound = films.sound("aac", "m4a")
    with pytest.raises(ProcessingFailed):
        make([MediaInput(sound, StreamKind.VIDEO), MediaInput(sound, StreamKind.AUDIO)], "mp4")
    with pytest.raises(ProcessingFailed):
        make([MediaInput(films.film("h264", "none", "mp4"))], "m4a", video=False)


@pytest.mark.parametrize("claimed", [60.0, 0.5])
def test_a_length_that_is_claimed_is_no_reason_to_fail(
    films: Films, make: Make, claimed: float
) -> None:
    """google/ExoPlayer#1930: every EXTINF tells the target duration; all of it is there."""
    found, output = make([MediaInput(films.ts())], "mp4", duration=claimed)
    assert found.duration == pytest.approx(SECONDS, abs=0.1)
    assert pictures(output) == pictures(films.ts())


def test_sound_that_begins_later_stays_later(films: Films, make: Make) -> None:
    """Picture and sound as HLS cuts them: two streams, one clock."""
    picture = films.made("late-v", "v.ts", "-i", str(films.ts()), "-an", "-c", "copy", "-copyts")
    sound = films.made(
        "late-a", "a.ts", "-i", str(films.ts(start=0.5)), "-vn", "-c", "copy", "-copyts"
    )
    inputs = [
        MediaInput(picture, StreamKind.VIDEO, "ts"),
        MediaInput(sound, StreamKind.AUDIO, "ts"),
    ]
    _, output = make(inputs, "mkv")
    said = subprocess.run(
        [FFMPEG, "-v", "error", "-i", output, "-map", "0", "-c", "copy", "-f", "framecrc", "-"],
        capture_output=True,
        text=True,
    ).stdout
    first = {
        line[0]: int(line.split(",")[2]) for line in reversed(said.splitlines()) if line[0] in "01"
    }
    bases = dict(re.findall(r"#tb (\d): 1/(\d+)", said))
    late = first["1"] / int(bases["1"]) - first["0"] / int(bases["0"])
    assert late == pytest.approx(0.5, abs=0.1)


def test_the_recipe_of_a_selection() -> None:
    made = Selection((Format("1", Stream("http://x/"), "mp4"),), Quality.P720, "mkv", "video/x")
    assert recipe_for(made) == Recipe("mkv")
    sound = Selection(made.formats, Quality.AUDIO, "m4a", "audio/mp4")
    assert recipe_for(sound) == Recipe("m4a", video=False)
    encoded = Selection(made.formats, Quality.AUDIO, "mp3", "audio/mpeg", audio_codec="mp3")
    assert recipe_for(encoded) == Recipe("mp3", video=False, audio_codec="mp3")


def test_a_codec_without_a_name(films: Films, make: Make, tmp_path: Path) -> None:
    """Told by what the file calls it: no file that is written here can hold it."""
    data = films.film("h264", "aac", "mp4").read_bytes()
    strange = tmp_path / "strange.mp4"
    strange.write_bytes(data.replace(b"avc1", b"xy01"))
    with pytest.raises(UnsupportedCodec) as raised:
        make([MediaInput(strange, container="mp4")], "mkv")
    assert "xy01" in raised.value.message
