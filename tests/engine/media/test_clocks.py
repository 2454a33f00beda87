"""Films cut into pieces: what their clocks say counts, whatever the list says of them.

Compared with the film that ffmpeg makes of the same source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from downloads.engine.core.media import StreamKind
from downloads.engine.media.inputs import FedPiece, Feed, MediaInput
from downloads.engine.media.packets import TrackPackets
from tests.engine.media.conftest import Make
from tests.engine.media.films import AV1, FRAGMENTED, H264, VP9, Films
from tests.engine.media.times import begins, decodes, packets
from tests.support.streaming.clips import picture, tone

LENGTH = 12.0
PICTURES = 144  # 12 a second
GOP = ("-g", "24", "-keyint_min", "24", "-sc_threshold", "0")


def _film(
    films: Films, name: str = "film", *, start: float = 0.0, height: int = 180, sound: str = "aac",
    seconds: float = LENGTH, more: Sequence[str] = (),
) -> list[Path]:  # fmt: skip
    told = [*picture(height, seconds), *(tone(seconds=seconds) if sound else ())]
    told += [*H264, *GOP, *(("-c:a", sound) if sound else ()), *more]
    told += ["-output_ts_offset", str(start), "-f", "segment", "-segment_time", "2"]
    told += ["-segment_format", "mpegts", "-reset_timestamps", "0"]
    first = films.made(f"clock-{name}", "s%03d.ts", *told)
    return sorted(first.parent.glob("s*.ts"))


def _pieces(paths: Sequence[Path], marks: Sequence[int] = (), inits: Sequence[Path] = ()) -> Feed:
    marked = marks or [0] * len(paths)

    def read() -> Iterator[FedPiece]:
        for path, mark in zip(paths, marked, strict=True):
            for init in inits:
                yield FedPiece([init.read_bytes()], mark, init=True)
            data = path.read_bytes()
            yield FedPiece([data[:50_000], b"", data[50_000:]], mark, name=path.name)

    return Feed(count=len(set(marked)), pieces=read, seconds=2.0 * len(paths))


def _made(make: Make, feed: Feed, ext: str = "mp4", container: str = "ts") -> Path:
    return make([MediaInput(feed, container=container)], ext, duration=LENGTH)[1]


def _is_whole(output: Path, pictures: int, seconds: float) -> None:
    found = packets(output)
    assert found["video"].count == pictures
    assert found["video"].end == pytest.approx(seconds, abs=0.1)
    assert found["audio"].end == pytest.approx(seconds, abs=0.1)
    assert not found["video"].holes(0.1)
    assert decodes(output)


@pytest.mark.parametrize("marks", [[0] * 6, list(range(6)), [0, 0, 1, 1, 1, 2]])
def test_a_clock_that_goes_on_makes_one_film_whatever_the_marks(
    films: Films, make: Make, marks: list[int]
) -> None:
    """globocom/m3u8#276: a discontinuity before each segment, and nothing is discontinuous."""
    output = _made(make, _pieces(_film(films), marks))
    reference = _made(make, _pieces(_film(films)))
    _is_whole(output, PICTURES, LENGTH)
    ours, right = packets(output), packets(reference)
    for kind in ("video", "audio"):
        assert list(ours[kind].decoded) == list(right[kind].decoded)


@pytest.mark.parametrize("at", [0, 3, 6])
@pytest.mark.parametrize("is_marked", [True, False])
def test_a_part_of_another_clock_and_size(
    films: Films, make: Make, at: int, is_marked: bool
) -> None:
    """google/ExoPlayer#7237, video-dev/hls.js#3110: an advertisement, marked or not."""
    film = _film(films)
    ad = _film(films, "ad", start=700.0, height=360, seconds=4.0)
    paths = [*film[:at], *ad, *film[at:]]
    marks = [0] * at + [1] * len(ad) + [2] * (6 - at)
    output = _made(make, _pieces(paths, marks if is_marked else ()))
    _is_whole(output, PICTURES + 48, LENGTH + 4)


@pytest.mark.parametrize("at", [0, 3, 6])
def test_a_part_without_sound_is_silent(films: Films, make: Make, at: int) -> None:
    """shaka-project/shaka-player#1335; also where it comes first."""
    film, mute = _film(films), _film(films, "mute", sound="", seconds=4.0)
    paths = [*film[:at], *mute, *film[at:]]
    output = _made(make, _pieces(paths, [0] * at + [1] * 2 + [2] * (6 - at)))
    _is_whole(output, PICTURES + 48, LENGTH + 4)
    sound = packets(output)["audio"]
    assert sound.begin == pytest.approx(0.0, abs=0.1)
    assert not sound.holes(0.1)


@pytest.mark.parametrize("late", [1, 3, 5])
def test_sound_that_a_later_map_names_begins_there(films: Films, make: Make, late: int) -> None:
    """video-dev/hls.js#3326: the first segments have none, and nothing marks where it begins."""
    film, mute = _film(films), _film(films, "mute-all", sound="")
    output = _made(make, _pieces([*mute[:late], *film[late:]]))
    _is_whole(output, PICTURES, LENGTH)
    shown, heard = begins(output)
    assert heard - shown == pytest.approx(2.0 * late, abs=0.1)


def test_sound_that_ends_early_is_kept_so(films: Films, make: Make) -> None:
    film, mute = _film(films), _film(films, "mute-all", sound="")
    output = _made(make, _pieces([*film[:4], *mute[4:]]))
    found = packets(output)
    assert found["video"].count == PICTURES
    assert found["audio"].end == pytest.approx(8.0, abs=0.1)


def test_sound_that_is_named_and_comes_late(films: Films, make: Make) -> None:
    told = [*picture(720, 20.0, "testsrc2"), "-itsoffset", "9", *tone(seconds=11.0)]
    told += [*H264, "-b:v", "3M", "-c:a", "aac", "-max_interleave_delta", "0"]
    source = films.made("late-named", "film.ts", *told)
    _, output = make([MediaInput(Feed([[source.read_bytes()]]), container="ts")], duration=20.0)
    shown, heard = begins(output)
    assert heard - shown == pytest.approx(9.0, abs=0.1)
    assert packets(output)["video"].count == 240


def test_sound_that_is_named_and_never_comes(films: Films, make: Make) -> None:
    """Its film is kept without."""
    source = films.made("late-named", "film.ts")
    data = source.read_bytes()
    packets_ = [data[at : at + 188] for at in range(0, len(data), 188)]
    kept = [each for each in packets_ if (each[1] & 0x1F) << 8 | each[2] != 0x101]
    _, output = make([MediaInput(Feed([[b"".join(kept)]]), container="ts")], duration=20.0)
    assert set(packets(output)) == {"video"}


def test_a_piece_that_stands_in_the_list_twice_is_there_twice(films: Films, make: Make) -> None:
    film = _film(films)
    output = _made(make, _pieces([*film[:3], film[2], *film[3:]]))
    _is_whole(output, PICTURES + 24, LENGTH + 2)


def test_a_clock_that_begins_again_without_a_mark(films: Films, make: Make) -> None:
    film = _film(films)
    output = _made(make, _pieces([*film, *film]))
    _is_whole(output, 2 * PICTURES, 2 * LENGTH)


def test_a_clock_that_begins_again_within_a_piece(films: Films, make: Make, tmp_path: Path) -> None:
    """Pieces that are cut without regard to the clock: ffmpeg finds its way, as players do."""
    film = _film(films)
    odd = tmp_path / "odd.ts"
    odd.write_bytes(film[5].read_bytes() + film[0].read_bytes())
    output = _made(make, _pieces([*film[:5], odd, *film[1:]]))
    _is_whole(output, 2 * PICTURES, 2 * LENGTH)


def test_a_clock_that_wraps_at_33_bits(films: Films, make: Make) -> None:
    """Matroska and fMP4 have no such limit, MPEG-TS begins again after 26.5 hours."""
    film = _film(films, "wrap", start=2**33 / 90_000 - 7)
    output = _made(make, _pieces(film))
    _is_whole(output, PICTURES, LENGTH)


def test_a_hole_in_the_source_stays(films: Films, make: Make) -> None:
    film = _film(films)
    output = _made(make, _pieces([*film[:2], *film[3:]]))
    found = packets(output)
    assert found["video"].count == PICTURES - 24
    assert found["video"].end == pytest.approx(LENGTH, abs=0.1)
    ((at, long),) = found["video"].holes(0.2)
    assert (at, long) == (pytest.approx(4.0, abs=0.1), pytest.approx(2.0, abs=0.1))


def _fragmented(films: Films, name: str, *told: str) -> tuple[Path, list[Path]]:
    """The init and the fragments of an MP4, one for each group of pictures."""
    whole = films.made(f"frag-{name}", "film.mp4", *told, *FRAGMENTED).read_bytes()
    folder = films.media.root / f"pieces-{name}"
    folder.mkdir(exist_ok=True)
    boxes, at = [], 0
    while at < len(whole):
        size = int.from_bytes(whole[at : at + 4], "big")
        boxes.append((whole[at + 4 : at + 8], whole[at : at + size]))
        at += size
    first = next(place for place, (kind, _) in enumerate(boxes) if kind == b"moof")
    init = folder / "init.mp4"
    (folder / "whole.mp4").write_bytes(whole)
    init.write_bytes(b"".join(box for _, box in boxes[:first]))
    paths = []
    for place in range(first, len(boxes) - 1, 2):
        if boxes[place][0] == b"moof":
            paths.append(folder / f"{place:03}.m4s")
            paths[-1].write_bytes(boxes[place][1] + boxes[place + 1][1])
    return init, paths


def _seconds(track: TrackPackets) -> list[float]:
    return [at * track.tick for at in (*track.decoded, *track.shown)]


@pytest.mark.parametrize("more", [(), ("-bf", "3", "-profile:v", "high")])
def test_the_same_init_before_every_fragment(
    films: Films, make: Make, more: tuple[str, ...]
) -> None:
    """grafov/m3u8#153; B-frames too, whose times of presentation are shifted."""
    told = [*picture(180, LENGTH), *tone(seconds=LENGTH), *H264, *GOP, "-c:a", "aac", *more]
    init, paths = _fragmented(films, f"same{len(more)}", *told)
    feed = _pieces(paths, list(range(len(paths))), [init])
    ours = packets(_made(make, feed, container="mp4"))
    right = packets(paths[0].parent / "whole.mp4")
    for kind in ("video", "audio"):
        assert _seconds(ours[kind]) == pytest.approx(_seconds(right[kind]), abs=0.001)


@pytest.mark.parametrize(("codec", "ext"), [(VP9, "webm"), (AV1, "webm"), (VP9, "mkv")])
def test_webm_in_pieces(films: Films, make: Make, codec: tuple[str, ...], ext: str) -> None:
    told = [*picture(180, 6.0), *tone(seconds=6.0), *codec, "-g", "24", "-c:a", "libopus"]
    told += ["-cluster_time_limit", "2000", "-live", "1"]
    source = films.made(f"clusters-{codec[1]}", "film.webm", *told)
    data = source.read_bytes()
    mark = b"\x1f\x43\xb6\x75"
    init, *clusters = data.split(mark)
    pieces = [FedPiece([init], init=True), *(FedPiece([mark + each]) for each in clusters)]
    feed = Feed(pieces=partial(iter, pieces))
    output = _made(make, feed, ext, "webm")
    assert packets(output)["video"].count == packets(source)["video"].count
    twice = [*pieces, *pieces[1:]]
    output = _made(make, Feed(pieces=partial(iter, twice)), ext, "webm")
    assert packets(output)["video"].count == 2 * packets(source)["video"].count


@pytest.mark.parametrize("ext", ["mp4", "mkv"])
@pytest.mark.parametrize("gap", [3.0, 0.4, -0.5])
def test_sound_apart_begins_when_its_clock_says(
    films: Films, make: Make, gap: float, ext: str
) -> None:
    """video-dev/hls.js#7432."""
    video = _film(films, f"v{gap}", start=max(0.0, -gap), sound="")
    told = [*tone(seconds=LENGTH - gap), "-c:a", "aac", "-output_ts_offset", str(max(0.0, gap))]
    sound = films.made(f"late-sound-{gap}", "a.ts", *told)
    inputs = [
        MediaInput(_pieces(video), StreamKind.VIDEO, "ts"),
        MediaInput(_pieces([sound]), StreamKind.AUDIO, "ts"),
    ]
    _, output = make(inputs, ext, duration=LENGTH)
    shown, heard = begins(output)
    assert heard - shown == pytest.approx(gap, abs=0.05)


def test_offsets_that_a_list_tells(films: Films, make: Make) -> None:
    """ISO/IEC 23009-1, 5.3.9.2: presentationTimeOffset."""
    video, sound = _film(films, "far", start=10.0, sound=""), _film(films, "a", start=9.5)

    def told(paths: Sequence[Path], offset: float) -> Feed:
        data = [path.read_bytes() for path in paths]
        return Feed(pieces=lambda: (FedPiece([each], offset=offset) for each in data))

    inputs = [
        MediaInput(told(video, -10.0), StreamKind.VIDEO, "ts"),
        MediaInput(told(sound, -9.5), StreamKind.AUDIO, "ts"),
    ]
    _, output = make(inputs, duration=LENGTH)
    shown, heard = begins(output)
    assert heard - shown == pytest.approx(0.0, abs=0.05)
