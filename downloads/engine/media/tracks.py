"""The inputs of the picture and of the sound, and the check that the file can hold them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from downloads.engine.core.errors import ProcessingFailed, UnsupportedCodec
from downloads.engine.core.languages import is_same_language, name_of
from downloads.engine.core.media import StreamKind
from downloads.engine.core.notes import Notes
from downloads.engine.media.command import Tracks
from downloads.engine.media.formats import MP4_FAMILY
from downloads.engine.media.media_track import MediaTrack
from downloads.engine.media.opening import KnownInput
from downloads.engine.media.recipe import Recipe

_UNKNOWN: Final = "none"  # ffmpeg's name for an unknown codec
_WEBM: Final = (frozenset({"vp8", "vp9", "av1"}), frozenset({"opus", "vorbis"}))
_OGG: Final = (frozenset({"theora"}), frozenset({"opus", "vorbis", "flac"}))
_MP4: Final = (
    frozenset({"h264", "hevc", "av1", "vp9", "mpeg4", "mpeg2video", "mjpeg"}),
    frozenset({"aac", "mp3", "mp2", "ac3", "eac3", "opus", "flac", "alac", "vorbis", "dts"}),
)
# Codecs that each extension holds: pictures, sounds. Matroska holds anything.
_HOLDS: Final[Mapping[str, tuple[Collection[str], Collection[str]]]] = {
    **dict.fromkeys(("mp4", "m4v", "m4a"), _MP4),
    "webm": _WEBM,
    "weba": _WEBM,
    "ogg": _OGG,
    "oga": _OGG,
    "opus": ((), ("opus",)),
    "mp3": ((), ("mp3",)),
    "flac": ((), ("flac",)),
    "aac": ((), ("aac",)),
}


def choose(inputs: Sequence[KnownInput], recipe: Recipe, *, must: bool = True) -> Tracks:
    """Choose the tracks. Raises ProcessingFailed if one is missing, unless ``must`` is False: one
    part of a stream may lack what the others have. Raises UnsupportedCodec for an unknown codec."""
    video = _place(inputs, (StreamKind.VIDEO, StreamKind.MUXED), sound=False)
    audio = _place(inputs, (StreamKind.AUDIO, StreamKind.MUXED, StreamKind.VIDEO), sound=True)
    if not recipe.video:
        video = None
    if audio is None and not recipe.video and must:
        raise ProcessingFailed(
            "no sound in it", message="This has no sound. Choose a quality with a picture."
        )
    if must:
        _check_kinds(inputs, video, audio, recipe)
    picture = inputs[video].printed.video if video is not None else None
    sound = inputs[audio].printed.audio if audio is not None else None
    for what, track in (("picture", picture), ("sound", sound)):
        if track is not None and track.codec == _UNKNOWN:
            raise _unsupported(what, track)
    return Tracks(video, audio, sound.place if sound else 0, sound_codec=recipe.audio_codec)


def _unsupported(what: str, track: MediaTrack) -> UnsupportedCodec:
    name = track.tag or "an unknown one"
    return UnsupportedCodec(
        f"{what}: {name}",
        message=f"The codec of the site's {what} ({name}) is none that this server can put into "
        "a file. Try another quality.",
    )


def fit(tracks: Tracks, inputs: Sequence[KnownInput], recipe: Recipe) -> None:
    """Check that the file can hold the tracks. Raises ProcessingFailed if not."""
    pictures, sounds = _HOLDS.get(recipe.ext, (None, None))
    video = inputs[tracks.video].printed.video if tracks.video is not None else None
    audio = inputs[tracks.audio].printed.audio if tracks.audio is not None else None
    sound = recipe.audio_codec or (audio.codec if audio else "")
    for codec, held in ((video.codec if video else "", pictures), (sound, sounds)):
        if codec and held is not None and codec not in held:
            raise ProcessingFailed(
                f"{codec} in {recipe.ext}",
                message=f"The site's {codec} does not fit into a .{recipe.ext} file. "
                "Choose the container mkv, which holds anything, or another quality.",
            )


def video_tag(tracks: Tracks, inputs: Sequence[KnownInput], recipe: Recipe) -> str:
    """Return the tag by which Apple's players accept HEVC; they refuse its other one.

    It declares all parameters to be in the header, which is wrong for joined parts.
    """
    if tracks.video is None or recipe.ext not in MP4_FAMILY or inputs[tracks.video].opened.within:
        return ""
    video = inputs[tracks.video].printed.video
    return "hvc1" if video and video.codec == "hevc" else ""


def tell_language(
    tracks: Tracks, inputs: Sequence[KnownInput], recipe: Recipe, notes: Notes
) -> None:
    """Note that the sound is in another language than the requested one."""
    spoken = language(tracks, inputs)
    if recipe.language and spoken and not is_same_language(spoken, recipe.language):
        notes.add(
            f"The site has no sound in {name_of(recipe.language)}: this is the one in "
            f"{name_of(spoken)}."
        )


def language(tracks: Tracks, inputs: Sequence[KnownInput]) -> str:
    """Return the language that the chosen sound has at its source; empty if none is given."""
    sound = inputs[tracks.audio].printed.audio if tracks.audio is not None else None
    return sound.language if sound else ""


def _place(inputs: Sequence[KnownInput], kinds: Sequence[StreamKind], *, sound: bool) -> int | None:
    for kind in kinds:
        for place, each in enumerate(inputs):
            found = each.printed.audio if sound else each.printed.video
            if each.kind is kind and found is not None:
                return place
    return None


def _check_kinds(
    inputs: Sequence[KnownInput], video: int | None, audio: int | None, recipe: Recipe
) -> None:
    kinds = {each.kind for each in inputs}
    if StreamKind.VIDEO in kinds and recipe.video and video is None:
        raise ProcessingFailed("the source's picture has none")
    if StreamKind.AUDIO in kinds and audio is None:
        raise ProcessingFailed("the source's sound has none")
    if video is None and audio is None:
        raise ProcessingFailed("neither picture nor sound in it")
