"""The recipe of a mux: the properties of the file to make."""

from __future__ import annotations

from dataclasses import dataclass, replace

from downloads.engine.core.media import Quality, Selection

# Containers of sound alone, by ffmpeg's codec names; MP4 holds the others, FLAC too, which copied
# into a FLAC file lacks its length.
_SOUND_FILES = {"mp3": "mp3", "opus": "opus", "vorbis": "ogg"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe. ``ext`` determines the container. ``video``: False leaves the picture out.
    ``audio_codec``: the target codec of the sound (``mp3``); empty: no re-encoding.
    ``embed_subtitles``: into the file as well, if the container can hold them. ``language``: of the
    sound, if an input has several."""

    ext: str
    video: bool = True
    audio_codec: str = ""
    embed_subtitles: bool = False
    language: str = ""


def fitting(recipe: Recipe, sound: str | None) -> Recipe:
    """Return ``recipe`` for inputs without a picture, but with ``sound`` (ffmpeg's name of its
    codec): not an .mp4, which a list of pieces does not tell beforehand."""
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
