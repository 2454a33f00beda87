"""The contract's rule for choosing formats."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloads.engine.core.errors import UnsupportedURL
from downloads.engine.core.media import (
    Format,
    Protocol,
    Quality,
    Selection,
    Source,
    Stream,
    StreamKind,
    Subtitle,
    Validators,
)
from downloads.engine.core.options import Options
from downloads.engine.resolver.quality import ladder, quality_label
from downloads.engine.resolver.quality import select as select_of

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


def source(formats: list[Format], **more: object) -> Source:
    return Source("test:1", "A title", tuple(formats), **more)  # type: ignore[arg-type]


def select(formats: list[Format], wanted: Quality, **options: object) -> Selection:
    return select_of(source(formats), wanted, Options(**options))  # type: ignore[arg-type]


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


@pytest.mark.parametrize(
    ("wanted", "bits"),
    [
        (Quality.AUTO, 6_000_000), (Quality.P2160, 6_000_000), (Quality.P1080, 6_000_000),
        (Quality.P720, 2_500_000), (Quality.P480, 900_000), (Quality.P360, 900_000),
    ],
)  # fmt: skip
def test_where_no_height_is_told_by_bits_a_second(wanted: Quality, bits: int) -> None:
    """A master without RESOLUTION: each quality is the best that its height usually needs."""
    formats = [
        replace(offer(None, id=f"hls-{rate}"), bitrate=float(rate))
        for rate in (900_000, 6_000_000, 2_500_000)
    ]
    assert select(formats, wanted).formats[0].bitrate == bits
    assert select(formats, Quality.AUDIO).formats[0].bitrate == 900_000
    unknown = replace(formats[0], bitrate=None, id="unknown")
    assert select([*formats, unknown], Quality.P360).formats[0].bitrate == 6_000_000


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
    assert (selection.ext, selection.is_processed) == ("m4a", True)  # without its picture


def test_only_sound_on_offer_takes_any() -> None:
    sound = offer(kind=StreamKind.AUDIO, id="a")
    assert select([sound], Quality.P720).formats == (sound,)


def test_a_picture_alone_gets_its_sound() -> None:
    formats = [
        offer(720, StreamKind.VIDEO, id="v"),
        offer(kind=StreamKind.AUDIO, id="a", ext="m4a"),
    ]
    selection = select(formats, Quality.AUTO)
    assert (selection.key, selection.ext) == ("v+a .mp4", "mp4")


def test_containers_that_do_not_fit_go_into_matroska() -> None:
    formats = [offer(720, StreamKind.VIDEO), offer(kind=StreamKind.AUDIO, ext="webm")]
    formats = [
        coded(offer(720, StreamKind.VIDEO), "theora"),
        coded(offer(kind=StreamKind.AUDIO, ext="webm"), None, "vorbis"),
    ]
    assert select(formats, Quality.AUTO).ext == "mkv"


def coded(
    format: Format, video: str | None = None, audio: str | None = None, **more: object
) -> Format:
    return replace(format, video_codec=video, audio_codec=audio, **more)  # type: ignore[arg-type]


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


# The shape of what YouTube offers: one muxed, and pictures and sounds in two families.
H264 = [coded(offer(h, StreamKind.VIDEO, id=f"h264-{h}"), "avc1.640028") for h in (1080, 720)]
VP9 = [
    coded(offer(h, StreamKind.VIDEO, id=f"vp9-{h}", ext="webm"), "vp9") for h in (2160, 1080, 720)
]
AAC = coded(offer(kind=StreamKind.AUDIO, id="aac", ext="m4a"), None, "mp4a.40.2", bitrate=128_000)
OPUS = coded(offer(kind=StreamKind.AUDIO, id="opus", ext="webm"), None, "opus", bitrate=150_000)
TUBE = [*H264, *VP9, OPUS, AAC]


def test_what_every_player_knows_first_up_to_1080p() -> None:
    assert select(TUBE, Quality.P1080).key == "h264-1080+aac .mp4"
    assert select(TUBE, Quality.AUTO).key == "vp9-2160+opus .webm"


def test_a_container_asked_for_goes_before_that() -> None:
    assert select(TUBE, Quality.P1080, container="webm").key == "vp9-1080+opus .webm"
    assert select(TUBE, Quality.AUTO, container="mp4").ext == "mp4"
    assert select(TUBE, Quality.P720, container="mkv").ext == "mkv"


def test_a_container_that_cannot_hold_it_gives_way() -> None:
    assert select([*H264, AAC], Quality.AUTO, container="webm").ext == "mkv"


def test_sound_is_kept_as_the_source_has_it_or_made_mp3() -> None:
    assert select(TUBE, Quality.AUDIO).key == "aac"
    made = select(TUBE, Quality.AUDIO, audio="mp3")
    assert (made.ext, made.audio_codec, made.is_processed) == ("mp3", "mp3", True)
    mp3 = coded(offer(kind=StreamKind.AUDIO, id="a", ext="mp3"), None, "mp3")
    assert not select([mp3], Quality.AUDIO, audio="mp3").is_processed


def test_a_thin_sound_does_not_win_by_its_codec() -> None:
    assert select([replace(AAC, bitrate=48_000), OPUS], Quality.AUDIO).key == "opus"


def test_high_dynamic_range_only_where_nothing_else_is_as_tall() -> None:
    hdr = replace(offer(1080, id="hdr"), dynamic_range="HDR10", fps=60.0)
    assert select([hdr, offer(1080, id="sdr")], Quality.AUTO).key == "sdr"
    assert select([hdr, offer(720)], Quality.AUTO).key == "hdr"


def test_the_original_sound_unless_another_language_is_asked_for() -> None:
    dubbed = replace(AAC, id="de", language="de-DE", preference=-10, bitrate=256_000.0)
    original = replace(AAC, id="en", language="en", preference=10)
    formats = [*H264, dubbed, original]
    assert select(formats, Quality.AUTO).formats[1].id == "en"
    assert select(formats, Quality.AUTO, language="de").formats[1].id == "de"
    assert select(formats, Quality.AUTO, language="fr").formats[1].id == "en"


def test_a_language_that_no_format_tells_may_be_a_track_within_one() -> None:
    muxed = replace(offer(720, id="m"), stream=Stream("http://h/x.m3u8", protocol=Protocol.HLS))
    found = select([muxed], Quality.AUTO, language="deu")
    assert (found.language, found.key) == ("deu", "m .mp4 sound:de")
    spoken = replace(muxed, language="de")
    found = select([spoken], Quality.AUTO, language="deu")
    assert (found.language, found.key) == ("", "m .mp4")


def test_an_upright_picture_counts_by_its_width() -> None:
    upright = [replace(offer(h), width=w) for w, h in ((1080, 1920), (720, 1280))]
    assert select(upright, Quality.P1080).formats[0].width == 1080
    assert quality_label(1920, 1080) is Quality.P1080


@pytest.mark.parametrize(
    ("height", "label"),
    [(144, "360p"), (360, "360p"), (804, "1080p"), (2160, "2160p"), (4320, "auto"), (None, "auto")],
)
def test_the_label_is_the_lowest_quality_that_reaches_it(height: int | None, label: str) -> None:
    assert quality_label(height) == label


def test_the_ladder_is_what_each_quality_would_give() -> None:
    rungs = ladder(source(TUBE))
    assert [rung.quality for rung in rungs] == ["2160p", "1080p", "720p", "audio"]
    assert [rung.selection.key for rung in rungs][1:3] == [
        "h264-1080+aac .mp4",
        "h264-720+aac .mp4",
    ]
    assert [rung.quality for rung in ladder(source([offer(None)]))] == ["auto"]


@given(heights)
def test_choosing_a_rung_gives_what_the_ladder_shows(found: list[int]) -> None:
    offered = source([offer(height) for height in found])
    for rung in ladder(offered):
        assert select_of(offered, rung.quality) == rung.selection


def test_a_stream_cut_by_its_source_is_put_together() -> None:
    cut = replace(offer(720), stream=Stream("http://h/x.m3u8", protocol=Protocol.HLS))
    assert select([cut], Quality.AUTO).is_processed
    assert not select([offer(720)], Quality.AUTO).is_processed


def test_subtitles_by_hand_before_a_machine_made_one() -> None:
    offered = (
        Subtitle("en", "http://h/auto", "vtt", automatic=True),
        Subtitle("en-GB", "http://h/hand", "vtt"),
        Subtitle("de", "http://h/de", "vtt"),
    )
    found = source(LADDER, subtitles=offered)
    chosen = select_of(found, Quality.AUTO, Options(subtitles=("en",)))
    assert [subtitle.url for subtitle in chosen.subtitles] == ["http://h/hand"]
    assert chosen.key != select_of(found, Quality.AUTO).key
    everything = select_of(found, Quality.AUTO, Options(subtitles=("all",))).subtitles
    assert {subtitle.language for subtitle in everything} == {"en-GB", "de"}


def test_several_subtitles_of_one_language() -> None:
    """The first language comes first; the same at the URL of another group is the same."""
    offered = (
        Subtitle("en", "http://h/forced", "vtt", "English", forced=True),
        Subtitle("en", "http://h/sdh", "vtt", "English (SDH)", described=True),
        Subtitle("en", "http://h/plain", "vtt", "English"),
        Subtitle("en", "http://h/mirror", "vtt", "English"),
        Subtitle("ger", "http://h/de", "vtt", "Deutsch", described=True),
        Subtitle("fr", "http://h/fr", "vtt", "Fran\u00e7ais", forced=True),
    )
    found = source(LADDER, subtitles=offered)

    def chosen(*languages: str) -> list[str]:
        options = Options(subtitles=languages)
        return [each.url[9:] for each in select_of(found, Quality.AUTO, options).subtitles]

    assert chosen("en", "de", "fr") == ["plain", "de"]
    assert chosen("all") == ["plain", "sdh", "de", "forced", "fr"]
