"""The contract's rule for choosing formats."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloads.exceptions import UnsupportedURL
from downloads.resolver.quality import select
from downloads.streams import Format, Quality, Stream, StreamKind, Validators

HEIGHTS = {q.height: q for q in Quality if q.height}


def offer(
    height: int | None = None,
    kind: StreamKind = StreamKind.MUXED,
    *,
    id: str = "",
    ext: str = "mp4",
    fps: float | None = None,
    size: int | None = None,
) -> Format:
    return Format(
        id=id or f"{kind}-{height}",
        stream=Stream("http://h/x", kind=kind, validators=Validators(size=size)),
        ext=ext,
        mime_type=f"video/{ext}",
        quality=HEIGHTS.get(height, Quality.AUTO),
        height=height,
        fps=fps,
    )


LADDER = [offer(height) for height in (720, 360, 1080, 480)]


@pytest.mark.parametrize(
    ("wanted", "height"),
    [
        (Quality.AUTO, 1080),
        (Quality.P2160, 1080),
        (Quality.P1080, 1080),
        (Quality.P720, 720),
        (Quality.P360, 360),
    ],
)
def test_the_tallest_that_is_no_taller(wanted: Quality, height: int) -> None:
    selection = select(LADDER, wanted)
    assert selection.formats[0].height == height
    assert selection.quality == f"{height}p"


def test_where_all_are_taller_the_shortest() -> None:
    assert select([offer(1080), offer(720)], Quality.P360).formats[0].height == 720


@pytest.mark.parametrize("wanted", list(Quality))
def test_a_direct_file_takes_any(wanted: Quality) -> None:
    direct = offer(None, id="direct", ext="bin")
    selection = select([direct], wanted)
    assert selection.formats == (direct,)
    assert (selection.key, selection.quality, selection.ext) == ("direct", Quality.AUTO, "bin")


def test_audio_is_the_best_sound_alone() -> None:
    sounds = [offer(kind=StreamKind.AUDIO, id=f"a{n}", size=n) for n in (1, 3, 2)]
    selection = select([*LADDER, *sounds], Quality.AUDIO)
    assert (selection.key, selection.quality) == ("a3", Quality.AUDIO)


def test_audio_without_a_sound_alone_costs_least() -> None:
    selection = select(LADDER, Quality.AUDIO)
    assert (selection.formats[0].height, selection.quality) == (360, Quality.AUDIO)


def test_only_sound_on_offer_takes_any() -> None:
    sound = offer(kind=StreamKind.AUDIO, id="a")
    assert select([sound], Quality.P720).formats == (sound,)


def test_a_picture_alone_gets_its_sound() -> None:
    formats = [
        offer(720, StreamKind.VIDEO, id="v"),
        offer(kind=StreamKind.AUDIO, id="a", ext="m4a"),
    ]
    selection = select(formats, Quality.AUTO)
    assert (selection.key, selection.ext) == ("v+a", "mp4")


def test_containers_that_do_not_fit_go_into_matroska() -> None:
    formats = [offer(720, StreamKind.VIDEO), offer(kind=StreamKind.AUDIO, ext="webm")]
    assert select(formats, Quality.AUTO).ext == "mkv"


def test_among_equals_the_smoother_then_the_whole_one() -> None:
    slow, fast = offer(720, id="slow", fps=30), offer(720, id="fast", fps=60)
    assert select([fast, slow], Quality.P720).key == "fast"
    split = offer(720, StreamKind.VIDEO, id="zz", fps=30)
    sound = offer(kind=StreamKind.AUDIO, id="a")
    assert select([split, slow, sound], Quality.P720).key == "slow"


@pytest.mark.parametrize("formats", [[], [offer(720, StreamKind.VIDEO)]])
def test_nothing_to_choose_from(formats: list[Format]) -> None:
    with pytest.raises(UnsupportedURL):
        select(formats, Quality.AUDIO)


heights = st.lists(st.integers(1, 4320), min_size=1, max_size=12)


@given(heights, st.sampled_from([q for q in Quality if q.height]))
def test_the_rule_for_any_ladder(ladder: list[int], wanted: Quality) -> None:
    assert wanted.height is not None
    chosen = select([offer(height) for height in ladder], wanted).formats[0].height
    fitting = [height for height in ladder if height <= wanted.height]
    assert chosen == (max(fitting) if fitting else min(ladder))


@given(st.permutations([offer(h, id=f"{h}-{n}", size=n) for h in (360, 720) for n in (1, 2)]))
def test_the_order_on_offer_makes_no_difference(formats: list[Format]) -> None:
    assert select(formats, Quality.AUTO).key == "720-2"
    assert select(formats, Quality.P480).key == "360-2"
