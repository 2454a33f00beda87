"""A film in which a packet is lost, doubled or moved is no film; what the source lacks is told."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from downloads.engine.core.errors import ProcessingFailed
from downloads.engine.core.notes import Notes
from downloads.engine.media import lacks, verify
from downloads.engine.media.inputs import FedPiece, Feed, MediaInput
from downloads.engine.media.mkv_index import read_blocks
from downloads.engine.media.mp4_index import read_index
from downloads.engine.media.packets import TrackPackets, parse
from downloads.engine.media.scan import AUDIO, VIDEO, PieceSpan, TrackSpan
from downloads.engine.media.verify import PlacedPart
from tests.engine.media.conftest import Make
from tests.engine.media.films import Films
from tests.engine.media.times import packets


def track(kind: str = VIDEO, count: int = 100, step: int = 40, begin: int = 0) -> TrackPackets:
    times = array("q", range(begin, begin + count * step, step))
    return TrackPackets(kind, 0.001, times, array("q", times), array("q", [step] * count))


def film(sound_begin: int = 0) -> dict[str, TrackPackets]:
    return {VIDEO: track(), AUDIO: track(AUDIO, 200, 20, sound_begin)}


def _lose(made: dict[str, TrackPackets]) -> None:
    for each in (made[VIDEO].decoded, made[VIDEO].shown, made[VIDEO].lengths):
        del each[40]


def _double(made: dict[str, TrackPackets]) -> None:
    for each in (made[AUDIO].decoded, made[AUDIO].shown, made[AUDIO].lengths):
        each.insert(40, each[40])


def _move(made: dict[str, TrackPackets]) -> None:
    for place in range(50, 100):
        made[VIDEO].shown[place] += 40


def _swap(made: dict[str, TrackPackets]) -> None:
    shown = made[VIDEO].shown
    shown[10], shown[11] = shown[11], shown[10]


def _shift_sound(made: dict[str, TrackPackets]) -> None:
    made[AUDIO] = track(AUDIO, 200, 20, 50)


def _mute(made: dict[str, TrackPackets]) -> None:
    del made[AUDIO]


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_lose, "picture: 99 packets of 100"),
        (_double, "sound: 201 packets of 200"),
        (_move, "picture: packet 50 moved by 0.040 s"),
        (_swap, "picture: packet 10 moved"),
        (_shift_sound, "the sound begins 0.050 s after the picture"),
        (_mute, "sound: 0 packets of 200"),
    ],
)
def test_what_we_harm_is_an_error(
    harm: Callable[[dict[str, TrackPackets]], None], said: str
) -> None:
    verify.verify_written(film(), film())
    made = film()
    harm(made)
    with pytest.raises(ProcessingFailed) as raised:
        verify.verify_written(film(), made)
    assert said in raised.value.detail


def piece(first: float, kind: str = VIDEO) -> PieceSpan:
    return PieceSpan({1: TrackSpan(kind, first, first + 1.96, first + 2.0, 50)})


def test_a_piece_of_which_nothing_was_read() -> None:
    spans = [(f"fragment {place + 1}", piece(1000.0 + 2 * place)) for place in range(2)]
    part = PlacedPart(spans, 1000.0, 0.0, {VIDEO: 0.0})
    verify.verify_pieces([part], film())
    spans.append(("fragment 3", piece(1004.0)))
    with pytest.raises(ProcessingFailed) as raised:
        verify.verify_pieces([part], film())
    assert "fragment 3: 0 packets of about 50 of the picture at 4.000 s" in raised.value.detail


def test_of_several_sounds_the_one_in_the_film_counts() -> None:
    heard, other = TrackSpan(AUDIO, 100.0, 101.9, 102.0, 50), TrackSpan(AUDIO, 500.0, 501, 502, 50)
    spans = [("fragment 1", PieceSpan({0x101: other, 0x102: heard}))]
    part = PlacedPart(spans, 100.0, 0.0, {AUDIO: 0.0}, numbers={AUDIO: 0x102})
    verify.verify_pieces([part], film())
    with pytest.raises(ProcessingFailed, match="0 packets of about 50 of the sound at 400"):
        verify.verify_pieces([replace(part, numbers={AUDIO: 0x101})], film())


def test_what_comes_before_the_first_key_frame_is_left_out_by_every_player() -> None:
    part = PlacedPart([("fragment 1", piece(98.0))], 100.0, 0.0, {VIDEO: 0.0})
    verify.verify_pieces([part], film())


def test_what_the_container_counts_was_read_to_the_last_packet() -> None:
    spans = [
        (
            f"fragment {at}",
            PieceSpan({1: TrackSpan(VIDEO, at, at + 0.96, at + 1.0, 25)}, is_counted=True),
        )
        for at in range(100, 104)
    ]
    part = PlacedPart(spans, 100.0, 0.0, {VIDEO: 0.0}, counts={VIDEO: 100})
    verify.verify_counts([part])
    for found in (99, 101):
        with pytest.raises(ProcessingFailed, match=f"picture: {found} packets of 100 that"):
            verify.verify_counts([replace(part, counts={VIDEO: found})])
    # the first pictures cannot be shown alone
    verify.verify_counts([replace(part, kinds={VIDEO: 0.4}, counts={VIDEO: 90})])
    about = [(name, replace(span, is_counted=False)) for name, span in spans]
    verify.verify_counts([replace(part, spans=about, counts={VIDEO: 99})])


def test_parts_one_after_another() -> None:
    parts = [(0.0, track(count=60)), (2.4, track(count=40))]
    verify.verify_joined(VIDEO, parts, track())
    with pytest.raises(ProcessingFailed, match="100 packets of 120"):
        verify.verify_joined(VIDEO, [*parts[:1], (2.4, track(count=60))], track())
    with pytest.raises(ProcessingFailed, match="moved by"):
        verify.verify_joined(VIDEO, [*parts[:1], (2.8, track(count=40))], track())


def lacking(*holes: tuple[int, int]) -> dict[str, TrackPackets]:
    """The film; of the picture, behind so many packets, so many milliseconds are missing."""
    made = film()
    for place, length in holes:
        for at in range(place, 100):
            made[VIDEO].decoded[at] += length
            made[VIDEO].shown[at] += length
    return made


def told(parts: list[PlacedPart], made: dict[str, TrackPackets]) -> tuple[str, ...]:
    notes = Notes()
    lacks.tell_lacks(parts, made, notes)
    return notes.sentences


def test_what_the_source_lacks_is_told() -> None:
    assert told([], film()) == ()
    made = lacking((50, 2000)) | {AUDIO: track(AUDIO, 200, 20, 3000)}
    assert told([], made) == (
        "The sound begins 3.0 s after the picture, as on the site.",
        "The picture has a gap of 2.0 s at 0:02, as on the site.",
    )


def test_short_holes_are_told_of_a_steady_track() -> None:
    def picture(*holes: tuple[int, int]) -> dict[str, TrackPackets]:
        return {VIDEO: lacking(*holes)[VIDEO]}

    assert told([], picture((50, 480))) == (
        "The picture has a gap of 0.5 s at 0:02, as on the site.",
    )
    assert told([], picture(*((place, 240) for place in range(10, 100, 10)))) == ()
    assert told([], picture(*((place, 400) for place in (10, 20, 30, 40)))) == ()


def test_pieces_that_were_cut_are_told() -> None:
    def spans(*cut: int) -> list[tuple[str, PieceSpan]]:
        found = []
        for at in range(5):
            first, last = 100 + at * 1.0, 100 + at * 1.0 + 0.36
            tracks = {1: TrackSpan(VIDEO, first, last, last + 0.04, 10)}
            found.append((f"fragment {at + 1}", PieceSpan(tracks, is_cut=at in cut)))
        return found

    made = lacking(*((place, 600) for place in range(10, 50, 10)))
    part = PlacedPart(spans(1), 100.0, 0.0, {VIDEO: 0.0})
    assert told([part], {VIDEO: made[VIDEO]}) == (
        "Fragment 2 is cut short on the site: 0.6 s of the picture is missing at 0:01.",
    )
    last = replace(part, spans=spans(4))
    assert told([last], {VIDEO: made[VIDEO]}) == (
        "Fragment 5 is cut short on the site: its end is missing at 0:04.",
    )
    many = replace(part, spans=spans(0, 1, 2, 3))
    (note,) = told([many], {VIDEO: made[VIDEO]})
    assert note.startswith("4 fragments are cut short on the site, the first at 0:00: ")


def test_sound_that_ends_early_is_told(films: Films, make: Make) -> None:
    source = films.made(
        "short-sound", "film.ts", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=12:d=9",
        "-f", "lavfi", "-i", "sine=d=4", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac",
    )  # fmt: skip
    notes = Notes()
    _, output = make([MediaInput(source)], notes=notes)
    assert packets(output)["audio"].end == pytest.approx(4.0, abs=0.1)
    assert len(notes.sentences) == 1
    assert notes.sentences[0].startswith("The sound ends 5.0 s before the picture")


@pytest.mark.parametrize("ext", ["mp4", "mkv"])
@pytest.mark.parametrize("more", [(), ("-bf", "3")])
def test_an_index_tells_what_ffmpeg_reads(
    films: Films, make: Make, ext: str, more: tuple[str, ...]
) -> None:
    source = films.film("h264", "aac", "ts", *more)
    _, output = make([MediaInput(source)], ext)
    read = read_index(output) if ext == "mp4" else read_blocks(output)
    right = packets(output)
    for kind in (VIDEO, AUDIO):
        ours = [at * read[kind].tick for at in read[kind].shown]
        theirs = [at * right[kind].tick for at in right[kind].shown]
        assert ours == pytest.approx(theirs, abs=0.002)


def test_an_ffmpeg_that_ends_before_its_feed(films: Films, make: Make) -> None:
    """Pieces that it never read are missing, though it ends without a word."""
    whole = films.fragmented().read_bytes()
    end = b"\0\0\0\x08free"
    later = films.ts(start=3.0).read_bytes()
    pieces = [FedPiece([whole + end], name="fragment 1"), FedPiece([later], name="fragment 2")]
    _, output = make([MediaInput(Feed(pieces=lambda: iter(pieces)), container="mp4")])
    assert packets(output)["video"].count == 72  # another container is another part


def test_the_list_of_packets() -> None:
    lines = (
        b"#software: x\n#tb 0: 1/90000\n#media_type 0: video\n#codec_id 0: h264\n"
        b"#tb 1: 1/48000\n#media_type 1: audio\n"
        b"0,          0,       3600,     3600,      100, 0x00000000, S=1, Skip\n"
        b"1,      -1024,      -1024,     1024,       50, 0x00000000\n"
    ).splitlines(True)
    found = parse(lines)
    assert list(found[VIDEO].shown) == [3600]
    assert found[AUDIO].begin == pytest.approx(-1024 / 48_000)


def test_an_index_that_is_none(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\0\x10moov" + bytes(8))
    with pytest.raises(ProcessingFailed):
        read_index(broken)
    broken.write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0")
    with pytest.raises(ProcessingFailed):
        read_index(broken)
