"""Sentences about options that a source cannot meet. Pure."""

from __future__ import annotations

from downloads.engine.core.languages import canonical, name_of, speaks
from downloads.engine.core.media import Quality, Selection
from downloads.engine.core.options import Options


def notes_on(selection: Selection, options: Options) -> tuple[str, ...]:
    """Return a sentence for each option that the selection does not meet, and what comes instead.

    The language of sound that a film itself names is told when it is made (``media.tracks``).
    """
    return tuple(
        each for each in (_container(selection, options), _language(selection, options)) if each
    )


def _container(selection: Selection, options: Options) -> str:
    if not options.container or selection.quality is Quality.AUDIO:
        return ""
    if selection.ext == options.container:
        return ""
    return (
        f"The file is {selection.ext}: {options.container} cannot hold this picture and sound "
        "without re-encoding them."
    )


def _language(selection: Selection, options: Options) -> str:
    came = selection.spoken
    if not options.language or speaks(came, options.language):
        return ""
    wanted = name_of(options.language)
    if came:
        # Without its region, as a film names its own: the same sentence is told once.
        spoken = name_of(canonical(came).partition("-")[0])
        return f"The site has no sound in {wanted}: this is the one in {spoken}."
    if selection.is_processed:
        return ""
    return f"The site does not say what language its sound is in; {wanted} was requested."
