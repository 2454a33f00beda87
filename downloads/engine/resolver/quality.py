"""The formats of a source that a requested quality selects. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from downloads.engine.core.errors import UnsupportedURL
from downloads.engine.core.languages import canonical, speaks
from downloads.engine.core.media import (
    Format,
    Protocol,
    Quality,
    Selection,
    Source,
    StreamKind,
    Subtitle,
)
from downloads.engine.core.options import Options
from downloads.engine.resolver.containers import family, joined, sound_alone, whole

RUNGS = tuple(quality for quality in Quality if quality.height)
EVERYWHERE = 1080  # up to this height codecs that every player knows come first
_VIDEO_ORDER = ("h264", "vp9", "av1", "hevc")
_TALL_ORDER = ("av1", "vp9", "hevc", "h264")  # above, the codec that spends its bits best
_SOUND_ORDER = ("aac", "opus", "mp3", "vorbis")
_USUAL_RATE = 7  # bits a second for each line squared: 3.6 Mbit/s at 720, 8 at 1080
_MOST_SUBTITLES = 10


@dataclass(frozen=True, slots=True)
class Rung:
    """One available quality, with its formats and size."""

    quality: Quality
    selection: Selection


def quality_label(height: int | None, width: int | None = None) -> Quality:
    """Return the lowest quality that reaches this picture; ``auto`` if none does, or no size is
    known."""
    side = _side(height, width)
    fitting = [rung for rung in RUNGS if side is not None and (rung.height or 0) >= side]
    return min(fitting, key=lambda rung: rung.height or 0, default=Quality.AUTO)


def select(source: Source, quality: Quality, options: Options = Options()) -> Selection:  # noqa: B008
    """Return the formats for ``quality``, by the contract's rule.

    ``auto`` is the best on offer. ``Np`` is the tallest that is no taller than N (an upright
    picture counts by its width); if all are taller, the shortest. A format without a height (a
    direct file) satisfies any. ``audio`` is the best sound alone; if there is none, the sound of
    the smallest format. Among equals in height: standard before high dynamic range, which most
    screens render incorrectly; the original language before dubbed; up to 1080p mp4, h264 and aac
    before others, unless ``options.container`` says otherwise; smoother; one file before a pair.
    Raises UnsupportedURL if nothing is on offer.
    """
    chosen = _choose(source.formats, quality, options)
    is_spoken = any(_speaks(each, options.language) for each in chosen.formats)
    return replace(
        chosen,
        subtitles=_subtitles(source.subtitles, options),
        language="" if is_spoken else options.language,
    )


def ladder(source: Source, options: Options = Options()) -> tuple[Rung, ...]:  # noqa: B008
    """Return the choices: each distinct rung, the tallest first, then the sound."""
    sounds, pictures = _apart(source.formats)
    labels = {quality_label(p.height, p.width) for p in pictures if p.height is not None}
    rungs = [label for label in (Quality.AUTO, *RUNGS) if label in labels]
    if not rungs:
        rungs = [Quality.AUTO] if pictures else []
    if sounds or any(_has_sound(picture) and picture.height for picture in pictures):
        rungs.append(Quality.AUDIO)
    return tuple(Rung(rung, select(source, rung, options)) for rung in rungs)


def _choose(formats: Sequence[Format], wanted: Quality, options: Options) -> Selection:
    if not formats:
        raise UnsupportedURL(
            "no formats",
            message="This link leads to nothing to download. Open it in a browser to check it.",
        )
    sounds, pictures = _apart(formats)
    if not pictures:
        return _sound_of(_best_sound(sounds, options), options)
    if wanted is Quality.AUDIO:
        return _sound(sounds, pictures, options)
    chosen = _picture(pictures, wanted, options)
    quality = (
        chosen.quality if chosen.height is None else quality_label(chosen.height, chosen.width)
    )
    if chosen.stream.kind is StreamKind.VIDEO and sounds:
        sound = _best_sound(sounds, options, beside=chosen)
        ext, mime_type = joined(chosen, sound, options.container)
        return Selection((chosen, sound), quality, ext, mime_type)
    ext, mime_type = whole(chosen, options.container)
    return Selection((chosen,), quality, ext, mime_type)


def _apart(formats: Sequence[Format]) -> tuple[list[Format], list[Format]]:
    sounds = [offer for offer in formats if offer.stream.kind is StreamKind.AUDIO]
    pictures = [offer for offer in formats if offer.stream.kind is not StreamKind.AUDIO]
    return sounds, pictures


# --- sound --------------------------------------------------------------------------------


def _sound(sounds: Sequence[Format], pictures: Sequence[Format], options: Options) -> Selection:
    if sounds:
        return _sound_of(_best_sound(sounds, options), options)
    muxed = [offer for offer in pictures if _has_sound(offer)]
    if not muxed:
        raise UnsupportedURL("no sound", message="This video has no sound. Choose a video quality.")
    chosen = _picture(muxed, None, options)
    if chosen.height is None and chosen.stream.protocol is Protocol.FILE and not options.audio:
        return Selection((chosen,), chosen.quality, chosen.ext, chosen.mime_type)
    return _sound_of(chosen, options)


def _has_sound(format: Format) -> bool:
    return format.stream.kind is StreamKind.MUXED and format.audio_codec != "none"


def _sound_of(format: Format, options: Options) -> Selection:
    if (
        options.audio
        and family(format.audio_codec) != options.audio
        and format.ext != options.audio
    ):
        return Selection((format,), Quality.AUDIO, "mp3", "audio/mpeg", audio_codec="mp3")
    if format.stream.kind is StreamKind.AUDIO and format.stream.protocol is Protocol.FILE:
        return Selection((format,), Quality.AUDIO, format.ext, format.mime_type)
    ext, mime_type = sound_alone(format)
    return Selection((format,), Quality.AUDIO, ext, mime_type)


def _best_sound(
    sounds: Sequence[Format], options: Options, *, beside: Format | None = None
) -> Format:
    spoken = [sound for sound in sounds if _speaks(sound, options.language)]
    kin = spoken or sounds
    original = max(sound.preference for sound in kin)
    kin = [sound for sound in kin if sound.preference == original]
    loudest = max(_weight(sound) for sound in kin)
    return max(kin, key=lambda sound: _sound_rank(sound, beside, loudest, options))


def _sound_rank(
    sound: Format, beside: Format | None, most: float, options: Options
) -> tuple[bool, bool, int, bool, float, str]:
    """Return the rank of a sound: one that shares a container with the picture, then a widely
    supported codec, then more bits.

    A low-bitrate one does not win by its codec alone.
    """
    fits = beside is not None and joined(beside, sound, options.container)[0] == (
        options.container or ("webm" if beside.ext == "webm" else "mp4")
    )
    full = _weight(sound) * 2 >= most
    order = _place(family(sound.audio_codec), _SOUND_ORDER)
    file = sound.stream.protocol is Protocol.FILE
    return fits, full, order, file, _weight(sound), sound.id


def _speaks(format: Format, language: str) -> bool:
    return speaks(format.language, language)


# --- picture ------------------------------------------------------------------------------


def _picture(pictures: Sequence[Format], quality: Quality | None, options: Options) -> Format:
    """Return the best picture; the shortest if ``quality`` is None."""
    sides = {side for offer in pictures if (side := _side(offer.height, offer.width)) is not None}
    if sides:
        limit = 0 if quality is None else quality.height
        fitting = [side for side in sides if limit is None or side <= limit]
        side = max(fitting) if fitting else min(sides)
        pictures = [offer for offer in pictures if _side(offer.height, offer.width) == side]
    elif quality is not Quality.AUTO:
        pictures = _by_bitrate(pictures, 0 if quality is None else quality.height or 0)
    return max(pictures, key=lambda offer: _rank(offer, options))


def _by_bitrate(pictures: Sequence[Format], height: int) -> Sequence[Format]:
    """Return candidates by bitrate, if no picture gives its height but each its bitrate: the best
    that a picture of ``height`` lines usually has at most; if all have more, the smallest."""
    rates = [offer.bitrate for offer in pictures if offer.bitrate]
    if len(rates) < len(pictures):
        return pictures
    fitting = [rate for rate in rates if rate <= height * height * _USUAL_RATE]
    rate = max(fitting) if fitting else min(rates)
    return [offer for offer in pictures if offer.bitrate == rate]


def _side(height: int | None, width: int | None) -> int | None:
    """Return the height by which a picture is named: an upright 1080x1920 is 1080p."""
    return height if height is None or width is None else min(height, width)


def _rank(format: Format, options: Options) -> tuple[object, ...]:
    spoken = not options.language or not format.language or _speaks(format, options.language)
    fits = options.container in ("", "mkv") or whole(format, options.container)[0] == (
        options.container
    )
    tall = (_side(format.height, format.width) or 0) > EVERYWHERE
    codec = _place(family(format.video_codec), _TALL_ORDER if tall else _VIDEO_ORDER)
    return (
        format.dynamic_range == "SDR",
        spoken,
        format.preference,
        fits,
        codec,
        format.fps or 0.0,
        format.stream.kind is StreamKind.MUXED,
        format.stream.protocol is Protocol.FILE,
        _weight(format),
        format.id,
    )


def _place(name: str, order: Sequence[str]) -> int:
    """Return the weight of a name: the first of ``order`` the most; 0 for one that is missing or
    unknown."""
    return len(order) - order.index(name) if name in order else 0


def _weight(format: Format) -> float:
    return format.bitrate or float(format.size or 0)


# --- subtitles ----------------------------------------------------------------------------


def _subtitles(subtitles: Iterable[Subtitle], options: Options) -> tuple[Subtitle, ...]:
    """Return one per requested language: human-made before automatic, and of these plain dialogue
    before the hard-of-hearing version. For ``all``, all human-made ones."""
    ordered = sorted(subtitles, key=lambda one: (one.automatic, one.forced, one.described))
    found: dict[object, Subtitle] = {}
    for requested in options.subtitles:
        if requested == "all":
            for subtitle in ordered:
                if not subtitle.automatic:
                    found.setdefault(_kind_of(subtitle), subtitle)
            continue
        for subtitle in ordered:
            if _matches(subtitle.language, requested) and not subtitle.forced:
                found.setdefault(_kind_of(subtitle), subtitle)
                break
    return tuple(found.values())[:_MOST_SUBTITLES]


def _kind_of(subtitle: Subtitle) -> object:
    """Return a key that is equal for the same subtitles at another URL, as other groups of a list
    have them."""
    return canonical(subtitle.language), subtitle.name, subtitle.forced, subtitle.described


def _matches(language: str, requested: str) -> bool:
    language, requested = canonical(language), canonical(requested)
    return language == requested or language.startswith(f"{requested}-")
