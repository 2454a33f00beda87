"""A source's bytes are read as what they are, or not at all; nothing else gets into the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from downloads.engine.core.errors import DownloadError, ProcessingFailed
from downloads.engine.media.config import MediaConfig
from downloads.engine.media.formats import DEMUXERS, recognise
from downloads.engine.media.inputs import Feed, MediaInput
from downloads.engine.media.inspect import inspect
from tests.engine.media import hostile
from tests.engine.media.conftest import Make
from tests.engine.media.films import Films, blocks

KINDS = sorted(hostile.playlists(Path("/secret")))


@pytest.fixture
def secret(films: Films, work_dir: Path) -> Path:
    """Another user's real film, at a path that ffmpeg could find."""
    path = work_dir.parent / "secret.ts"
    path.write_bytes(films.ts().read_bytes())
    return path


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("said", ["mp4", "ts", "mp3"])
def test_a_list_that_says_it_is_a_film(
    make: Make, work_dir: Path, secret: Path, config: MediaConfig, kind: str, said: str
) -> None:
    content = hostile.playlists(secret)[kind]
    source = work_dir / f"film.{said}"
    source.write_bytes(content)
    with pytest.raises(ProcessingFailed):
        make([MediaInput(source, container=said)], "mkv")
    with pytest.raises(ProcessingFailed):
        make([MediaInput(Feed([[content]]), container=said)], "mkv")
    with pytest.raises(ProcessingFailed):
        inspect(source, config, declared=said)
    assert not (work_dir / "made.mkv").exists()


@pytest.mark.parametrize("disguise", sorted(hostile.disguised(b"")))
@pytest.mark.parametrize("kind", ["m3u8-0", "ffconcat-0", "mpd"])
def test_with_the_marks_of_a_real_container(
    make: Make, work_dir: Path, secret: Path, kind: str, disguise: str
) -> None:
    """Whatever is recognised, the one reader that is started is not the list's."""
    content = hostile.disguised(hostile.playlists(secret)[kind])[disguise]
    source = work_dir / "film.mp4"
    source.write_bytes(content)
    with pytest.raises(ProcessingFailed):
        make([MediaInput(source, container="mp4")], "mkv")


def test_no_reader_that_opens_other_files() -> None:
    openers = {"hls", "dash", "concat", "image2", "imf", "lavfi", "tee", "sdp", "rtsp", "avisynth"}
    assert not openers & set(DEMUXERS.values())


def test_an_mp4_whose_frames_lie_elsewhere(films: Films, make: Make, work_dir: Path) -> None:
    """References to other files (dref) lead nowhere."""
    plain = films.film("h264", "none", "mp4", "-fflags", "+bitexact", "-metadata", "title=x")
    (work_dir / "secret.mp4").write_bytes(plain.read_bytes())
    source = work_dir / "film.mp4"
    source.write_bytes(hostile.with_reference(plain.read_bytes(), "secret.mp4"))
    # The film itself holds nothing but its index: any frame would be the other file's.
    moov = source.read_bytes()
    at = moov.index(b"mdat") - 4
    size = int.from_bytes(moov[at : at + 4])
    source.write_bytes(moov[:at] + moov[at : at + 8] + bytes(size - 8) + moov[at + size :])
    try:
        _, output = make([MediaInput(source, container="mp4")])
    except DownloadError:
        return
    frames = plain.read_bytes()[at + 8 : at + size]
    made = output.read_bytes()
    assert not any(frames[n : n + 64] in made for n in range(0, len(frames) - 64, 64))


@pytest.mark.parametrize(
    "name",
    [
        "concat:a|b.mp4",
        "-i.mp4",
        "film%03d.mp4",
        "pipe:0",
        "a;b&c $(x).mp4",
        "film\n.mp4",
        "f" * 250,
    ],
)
def test_a_strange_name_is_a_name(films: Films, make: Make, work_dir: Path, name: str) -> None:
    source = work_dir / name
    source.write_bytes(films.fragmented().read_bytes())
    _, output = make([MediaInput(source)])
    assert output.stat().st_size


def test_no_path_in_what_is_said(films: Films, make: Make, work_dir: Path) -> None:
    source = work_dir / "film.mp4"
    source.write_bytes(films.fragmented().read_bytes()[:900])
    with pytest.raises(ProcessingFailed) as raised:
        make([MediaInput(source, container="mp4")])
    assert str(work_dir.parent) not in raised.value.detail + raised.value.message


@pytest.mark.parametrize("container", ["ts", "mp4", "webm"])
def test_damage_is_survived_or_said(films: Films, make: Make, container: str) -> None:
    source = {
        "ts": films.ts(),
        "mp4": films.fragmented(),
        "webm": films.film("vp9", "opus", "webm"),
    }[container]
    content = bytearray(source.read_bytes())
    for at in range(3000, len(content), 1501):
        content[at] ^= 0xFF
    try:
        make([MediaInput(Feed([[bytes(content)]]), container=container)], "mkv")
    except ProcessingFailed:
        pass


def test_a_feed_shorter_than_its_claim_is_as_long_as_it_is(films: Films, make: Make) -> None:
    """Every byte of it came; what a list says of its length is a claim."""
    half = list(blocks(films.long()))[:200]
    found, _ = make([MediaInput(Feed([half]), container="ts")], duration=60.0)
    assert found.duration is not None
    assert found.duration < 40


@pytest.mark.parametrize(
    ("head", "said", "found"),
    [
        (b"\x00\x00\x00\x18ftypiso5", "ts", "mp4"),
        (b"\x00\x00\x00\x18stypmsdh", "", "mp4"),
        (b"\x1a\x45\xdf\xa3\x01\x00\x42\x82\x84webm", "mp4", "webm"),
        (b"\x1a\x45\xdf\xa3\x01\x00\x42\x82\x88matroska", "webm", "mkv"),
        (b"G" + bytes(187) + b"G", "mp4", "ts"),
        (b"\xff\xf1\x50\x80", "ts", "aac"),
        (b"\xff\xfb\x90\x64", "", "mp3"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x02ab\xff\xf1\x50", "mp3", "aac"),
        (b"ID3\x04\x00\x00\x00\x00\x7f\x7f", "mp3", "mp3"),
        (b"OggS\x00\x02", "", "ogg"),
    ],
)
def test_the_bytes_know_better_than_the_name(head: bytes, said: str, found: str) -> None:
    assert recognise(head, said) == found
