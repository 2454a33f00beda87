"""MPEG-TS that ends in the middle: nothing of what is behind it is lost, no frame damaged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from downloads.engine.core.notes import Notes
from downloads.engine.media import cut_transport
from downloads.engine.media.inputs import FedPiece, Feed, MediaInput
from downloads.engine.media.scan_ts import TransportScanner
from tests.engine.media.conftest import Make
from tests.engine.media.films import CODECS, SOUNDS, Films
from tests.engine.media.times import decodes, packets
from tests.support.streaming.clips import picture, tone


def segments(films: Films, video: str, audio: str) -> list[bytes]:
    """A second each, of one clock."""
    name = f"cut-{video}-{audio}"
    told = [*picture(180, 3), *tone(seconds=3), *CODECS[video], "-g", "12", *SOUNDS[audio]]
    told += ["-f", "segment", "-segment_time", "1", "-segment_format", "mpegts"]
    folder = films.made(name, "p%d.ts", *told).parent
    return [path.read_bytes() for path in sorted(folder.glob("p*.ts"))]


def taken(data: bytes, size: int, scanner: TransportScanner) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        scanner.take(data[at : at + size])
        yield data[at : at + size]
        yield b""


@pytest.mark.parametrize("size", [100, 5000, 300_000, 10**7])
def test_what_ends_well_stays_as_it_is(size: int, films: Films) -> None:
    data = films.long().read_bytes()
    scanner = TransportScanner()
    scanner.begin()
    assert b"".join(cut_transport.ended_well(taken(data, size, scanner), scanner)) == data
    assert scanner.unfinished == 0


@pytest.mark.parametrize("audio", ["aac", "ac3", "mp3"])
@pytest.mark.parametrize("video", ["h264", "hevc"])
def test_every_cut(video: str, audio: str, films: Films, make: Make, tmp_path: Path) -> None:
    parts = segments(films, video, audio)
    (others := tmp_path / "others.ts").write_bytes(b"".join([parts[0], *parts[2:]]))
    fewest = packets(others)
    for share in (0.15, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99):
        cut = parts[1][: int(len(parts[1]) * share)]
        if len(cut) % 188 == 0:
            cut = cut[:-1]
        pieces = [parts[0], cut, *parts[2:]]

        def read(pieces: list[bytes] = pieces) -> Iterator[FedPiece]:
            for number, data in enumerate(pieces, start=1):
                yield FedPiece([data], name=f"fragment {number}")

        notes = Notes()
        _, output = make([MediaInput(Feed(pieces=read), container="ts")], notes=notes)
        assert decodes(output)
        assert any("Fragment 2 is cut short on the site" in each for each in notes.sentences)
        for kind, track in packets(output).items():
            assert track.count >= fewest[kind].count - 1  # MP3's first may be one of its own
