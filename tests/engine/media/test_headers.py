"""Fragments of MP4 whose header is missing, or that of another track (RFC 8216, 3.3).

ffmpeg leaves them out without a word; Media Source Extensions end with an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from downloads.engine.core.errors import BadManifest
from downloads.engine.media.inputs import FedPiece, Feed, MediaInput
from tests.engine.media.conftest import Make
from tests.engine.media.films import SOUNDS, Films
from tests.engine.media.times import packets
from tests.support.streaming.clips import tone


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], data[at : at + size]
        at += size


def fragments_of(path: Path) -> tuple[bytes, list[bytes]]:
    init, fragments = b"", list[bytes]()
    for kind, box in boxes(path.read_bytes()):
        if kind in (b"ftyp", b"moov"):
            init += box
        elif kind == b"moof":
            fragments.append(box)
        elif kind == b"mdat":
            fragments[-1] += box
    return init, fragments


def cut(films: Films) -> tuple[bytes, list[bytes]]:
    """The header, and the fragments, each a ``moof`` and its ``mdat``."""
    return fragments_of(films.fragmented(sound="none"))


def renumbered(data: bytes) -> bytes:
    """The fragment, of track 7: its ``tfhd`` says so."""
    at = data.index(b"tfhd") + 8
    return data[:at] + (7).to_bytes(4, "big") + data[at + 4 :]


def without(init: bytes, fragments: list[bytes]) -> list[bytes]:
    return fragments


def of_another(init: bytes, fragments: list[bytes]) -> list[bytes]:
    return [init, *map(renumbered, fragments)]


def in_the_middle(init: bytes, fragments: list[bytes]) -> list[bytes]:
    return [init, fragments[0], renumbered(fragments[1]), *fragments[2:]]


@pytest.mark.parametrize(
    ("harm", "place", "said"),
    [
        (without, 0, "is missing"),
        (of_another, 1, "is that of another track"),
        (in_the_middle, 2, "is that of another track"),
    ],
)
def test_a_header_that_does_not_fit(
    harm: Callable[[bytes, list[bytes]], list[bytes]],
    place: int,
    said: str,
    films: Films,
    make: Make,
) -> None:
    init, fragments = cut(films)
    made = harm(init, fragments)

    def pieces() -> Iterator[FedPiece]:
        for number, data in enumerate(made):
            yield FedPiece(iter([data]), init=data is init, name=f"fragment {number}")

    with pytest.raises(BadManifest, match=f"fragment {place}: ") as raised:
        make([MediaInput(Feed(pieces=pieces), container="mp4")])
    assert said in raised.value.message


def test_a_header_that_fits(films: Films, make: Make) -> None:
    init, fragments = cut(films)

    def pieces() -> Iterator[FedPiece]:
        yield FedPiece(iter([init]), init=True)
        yield from (FedPiece(iter([data])) for data in fragments)

    found, _ = make([MediaInput(Feed(pieces=pieces), container="mp4")])
    assert found.duration == pytest.approx(3.0, abs=0.1)


def picture(films: Films, codec: str) -> Path:
    return films.fragmented(video=codec, sound="none")


def sound(films: Films, codec: str) -> Path:
    flags = "+frag_keyframe+delay_moov+default_base_moof"
    told = ("-strict", "-2", "-movflags", flags, "-frag_duration", "500000")
    return films.made(f"fragmented-{codec}", "film.mp4", *tone(seconds=3), *SOUNDS[codec], *told)


def composed(init: bytes, fragments: list[bytes], make: Make) -> float:
    """Return how long the film is, in seconds."""

    def pieces() -> Iterator[FedPiece]:
        yield FedPiece(iter([init]), init=True, name="header")
        for number, data in enumerate(fragments):
            yield FedPiece(iter([data]), name=f"fragment {number}")

    _, output = make([MediaInput(Feed(pieces=pieces), container="mp4")])
    return max(track.end for track in packets(output).values())


PICTURES = ["h264", "hevc", "vp9", "av1"]
TONES = ["aac", "opus", "flac", "mp3", "ac3"]


@pytest.mark.parametrize("video", PICTURES)
@pytest.mark.parametrize("audio", TONES)
def test_a_sound_header_with_the_number_of_the_picture(
    video: str, audio: str, films: Films, make: Make
) -> None:
    header, heard = fragments_of(sound(films, audio))
    _, shown = fragments_of(picture(films, video))
    with pytest.raises(BadManifest, match=r"fragment 0: .* of another track"):
        composed(header, shown, make)
    with pytest.raises(BadManifest, match=r"fragment 1: .* of another track"):
        composed(header, [heard[0], shown[0], *heard[1:]], make)


@pytest.mark.parametrize("video", ["h264", "hevc"])
@pytest.mark.parametrize("audio", TONES)
def test_a_header_of_a_picture_with_the_number_of_the_sound(
    video: str, audio: str, films: Films, make: Make
) -> None:
    header, shown = fragments_of(picture(films, video))
    _, heard = fragments_of(sound(films, audio))
    with pytest.raises(BadManifest, match=r"fragment 0: .* of another track"):
        composed(header, heard, make)
    with pytest.raises(BadManifest, match=r"fragment 1: .* of another track"):
        composed(header, [shown[0], heard[0]], make)


@pytest.mark.parametrize("codec", PICTURES + TONES)
def test_the_header_of_every_codec_fits_its_own(codec: str, films: Films, make: Make) -> None:
    path = picture(films, codec) if codec in PICTURES else sound(films, codec)
    assert composed(*fragments_of(path), make) == pytest.approx(3.0, abs=0.1)
