"""What is to come of the inputs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from downloads.engine.core.media import Quality, Selection

# What a sound alone is kept in, by ffmpeg's names; MP4 holds the others, FLAC too, which copied
# into a file of its own does not tell how long it is.
_SOUND_FILES = {"mp3": "mp3", "opus": "opus", "vorbis": "ogg"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """``ext`` says the container. ``video``: False leaves the picture out. ``audio_codec``: what
    the sound is re-encoded to (``mp3``); empty: nothing is re-encoded. ``embed_subtitles``: into
    the file as well, where the container can hold them. ``language``: of the sound, where an input
    has several."""

    ext: str
    video: bool = True
    audio_codec: str = ""
    embed_subtitles: bool = False
    language: str = ""


def fitting(recipe: Recipe, sound: str | None) -> Recipe:
    """Return ``recipe`` for inputs that have no picture, but ``sound`` (ffmpeg's name of its
    codec): that is no .mp4, which a list of pieces does not tell beforehand."""
    if recipe.ext != "mp4" or sound is None:
        return recipe
    return replace(recipe, ext=_SOUND_FILES.get(sound, "m4a"))


def recipe_for(selection: Selection) -> Recipe:
    sound_only = selection.quality is Quality.AUDIO or bool(selection.audio_codec)
    return Recipe(
        selection.ext,
        video=not sound_only,
        audio_codec=selection.audio_codec,
        language=selection.language,
    )
