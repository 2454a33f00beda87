"""The available part of a master's offer: dead lists are left out, with a note."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from downloads.engine.core.errors import DownloadError, RateLimited, UnsupportedURL
from downloads.engine.core.media import Format, Selection, Source, StreamKind
from downloads.engine.resolver.manifests import refusals

_MOST_DEAD = 20  # lists
_LONGEST = 60.0  # seconds

Choose = Callable[[Source], Selection]


@dataclass(frozen=True, slots=True)
class Living:
    """The outcome. ``dead``: ids of formats. ``notes``: a sentence for each format that was
    replaced."""

    selection: Selection
    dead: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def find_living(
    source: Source,
    choose: Choose,
    look: Callable[[Format], None],
    clock: Callable[[], float] = time.monotonic,
) -> Living:
    """Return what ``choose`` takes of ``source`` without its dead formats: those for which ``look``
    raises DownloadError.

    Raises the first such error if nothing is left to choose, if a film would lose its sound or its
    picture, and if the source asks for fewer requests.
    """
    if not source.formats:
        raise refusals.broken("a master without variants")
    until = clock() + _LONGEST
    errors: dict[str, DownloadError] = {}
    first: Selection | None = None
    while True:
        selection = _choose(source, choose, errors)
        first = first or selection
        if _is_blind(selection.formats) and not _is_blind(first.formats):
            raise _refusal(source, errors, {StreamKind.VIDEO, StreamKind.MUXED})
        died = _first_dead(selection.formats, look)
        if died is None:
            return Living(selection, frozenset(errors), _notes(first, selection, errors))
        dead, error = died
        errors[dead.id] = error
        if isinstance(error, RateLimited) or len(errors) >= _MOST_DEAD or clock() > until:
            raise _refusal(source, errors)


def _choose(source: Source, choose: Choose, errors: dict[str, DownloadError]) -> Selection:
    left = tuple(each for each in source.formats if each.id not in errors)
    if errors and not left:
        raise _refusal(source, errors)
    try:
        selection = choose(replace(source, formats=left))
    except UnsupportedURL:
        raise (
            _refusal(source, errors) if errors else UnsupportedURL("nothing to choose")
        ) from None
    if errors and _is_mute(selection.formats) and not _is_mute(source.formats):
        raise _refusal(source, errors, {StreamKind.AUDIO})
    return selection


def _refusal(
    source: Source,
    errors: dict[str, DownloadError],
    kinds: Collection[StreamKind] = frozenset(StreamKind),
) -> DownloadError:
    """Return the first error of a stream of one of these kinds, reworded for the whole film."""
    known = {each.id: each.stream.kind for each in source.formats}
    kind, error = next(
        (known[dead], error) for dead, error in errors.items() if known[dead] in kinds
    )
    return refusals.missing(kind, error)


def _is_mute(formats: Sequence[Format]) -> bool:
    return all(each.stream.kind is StreamKind.VIDEO for each in formats)


def _is_blind(formats: Sequence[Format]) -> bool:
    return all(each.stream.kind is StreamKind.AUDIO for each in formats)


def _first_dead(
    formats: Sequence[Format], look: Callable[[Format], None]
) -> tuple[Format, DownloadError] | None:
    for each in formats:
        try:
            look(each)
        except DownloadError as error:
            return each, error
    return None


def _notes(first: Selection, last: Selection, errors: dict[str, DownloadError]) -> tuple[str, ...]:
    kept = {_name(each) for each in last.formats}
    lost = [each for each in first.formats if each.id in errors and _name(each) not in kept]
    return tuple(
        f"{_name(each)} could not be had from the site, so {_stand_in(each, last)} was taken: "
        f"{_cause(errors[each.id])}"
        for each in lost
    )


def _cause(error: DownloadError) -> str:
    """Return the first sentence: the advice on what to do next no longer applies."""
    return error.message.split(". ")[0].rstrip(".") + "."


def _stand_in(lost: Format, last: Selection) -> str:
    is_sound = lost.stream.kind is StreamKind.AUDIO
    same = [each for each in last.formats if (each.stream.kind is StreamKind.AUDIO) is is_sound]
    return _name(same[0] if same else last.formats[0]).lower()


def _name(format: Format) -> str:
    if format.stream.kind is StreamKind.AUDIO:
        return f"The sound in {format.language}" if format.language else "The sound"
    if format.height:
        return f"The picture in {format.height}p"
    return f"The picture at {round((format.bitrate or 0) / 1000)} kbit/s"
