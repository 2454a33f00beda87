"""What is to come of the inputs."""

from __future__ import annotations

from dataclasses import dataclass

from downloads.engine.core.media import Quality, Selection


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


def recipe_for(selection: Selection) -> Recipe:
    sound_only = selection.quality is Quality.AUDIO or bool(selection.audio_codec)
    return Recipe(
        selection.ext,
        video=not sound_only,
        audio_codec=selection.audio_codec,
        language=selection.language,
    )
