"""The master playlist says of each rung what is measured; a ladder cut otherwise is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from downloads.engine.core.media import Source
from downloads.engine.resolver.manifests.answers import Master, read_playlist
from downloads.engine.resolver.manifests.ladder import Ladder
from downloads.engine.resolver.manifests.playlist import read
from downloads.engine.resolver.quality import ladder as rungs_of
from downloads.sample import ladder
from downloads.sample.making import SampleNotMade


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """Rungs of four pieces of 4 s; the second of each is twice as big."""
    for place, rung in enumerate(ladder.RUNGS):
        size = 100_000 >> place
        (tmp_path / rung.playlist).write_text("#EXTINF:4.000000,\nx\n" * len(rung.pieces))
        (tmp_path / rung.beginning).write_bytes(b"0" * 1000)
        for number, piece in enumerate(rung.pieces):
            (tmp_path / piece).write_bytes(b"0" * (size * 2 if number == 1 else size))
    return tmp_path


def test_rates_are_measured(cut: Path) -> None:
    facts, name = ladder.master(cut).splitlines()[3:5]
    assert facts == (
        "#EXT-X-STREAM-INF:BANDWIDTH=400000,AVERAGE-BANDWIDTH=250500,"
        'CODECS="avc1.640028,mp4a.40.2",RESOLUTION=1920x1080,FRAME-RATE=24.000'
    )
    assert name == "1080p.m3u8"


def test_our_own_resolver_reads_four_rungs_and_the_sound_with_exact_sizes(cut: Path) -> None:
    master = read_playlist(read(ladder.master(cut)))
    assert isinstance(master, Master)
    formats = Ladder(master, "https://a.example/master.m3u8", ()).formats(16)
    offered = rungs_of(Source(identity="x", title="x", formats=formats))
    assert [one.quality.value for one in offered] == [rung.name for rung in ladder.RUNGS]
    for one, rung in zip(offered, ladder.RUNGS, strict=True):
        files = (rung.beginning, *rung.pieces)
        assert one.selection.size == pytest.approx(
            sum((cut / name).stat().st_size for name in files), abs=2
        )


def test_another_number_of_pieces_is_a_failure(cut: Path) -> None:
    (cut / "480p.m3u8").write_text("#EXTINF:4.000000,\nx\n" * 5)
    with pytest.raises(SampleNotMade, match="480p into 5 pieces"):
        ladder.master(cut)
