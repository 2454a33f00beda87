"""Verdicts on a peer's result for a form; lenient if a viewer cannot see the difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from tests.field.support.clips import Clips
from tests.field.support.expected import Body, Either, Expected, Fails, Film, Outcome
from tests.field.support.measure import Measured, Track, measure

SPARE_PICTURES = 1  # a muxer may leave out the last one
SPARE_SOUND = 6  # packets: the encoder's priming, and the silence by which players fill a gap
CLOCK = 0.1  # seconds by which a picture may differ from its place
LAG = 0.15  # seconds between picture and sound: players let sound begin on a packet of it
SLACK = 0.3  # seconds of the whole length


@dataclass(frozen=True)
class Cell:
    """A verdict: right, wrong, refused, or "-" if the peer was not tested."""

    verdict: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.verdict}: {self.why}" if self.why else self.verdict


RIGHT, REFUSED, NOT_ASKED = Cell("right"), Cell("refused"), Cell("-")


def wrong(why: str) -> Cell:
    return Cell("wrong", " ".join(why.split())[:70])


def wants_error(expected: Expected) -> bool:
    return isinstance(expected, Fails)


def good(expected: Expected) -> Expected:
    """Return the best of all right outcomes."""
    return expected.good if isinstance(expected, Either) else expected


def of_refusal(expected: Expected) -> Cell:
    return RIGHT if wants_error(expected) else REFUSED


def of_file(expected: Expected, path: Path, name: str, clips: Clips) -> Cell:
    """Judge a file fetched as it is. ``name``: the peer's name for it."""
    wanted = good(expected)
    if isinstance(wanted, Fails):
        return wrong("kept what is no film")
    assert isinstance(wanted, Body)
    body, got = wanted.body, path.read_bytes()
    right = body if isinstance(body, bytes) else body(clips)
    if got != right:
        return wrong(f"{len(got)} bytes of {len(right)}" if len(got) != len(right) else "bytes")
    if wanted.names and name not in wanted.names:
        return wrong(f"named {name}")
    return RIGHT


def of_outcome(expected: Expected, outcome: Outcome, clips: Clips) -> Cell:
    """Judge Ferry, as exactly as the tests do."""
    if outcome.code and not wants_error(expected):
        return REFUSED
    try:
        expected.check(outcome, clips)
    except AssertionError as error:
        if outcome.code:
            return Cell("refused", outcome.code)
        return wrong(str(error).partition("\n")[0] or "not as expected")
    return RIGHT


def of_film(expected: Expected, got: Measured, clips: Clips) -> Cell:
    """Judge a peer's film."""
    wanted = good(expected)
    if got.picture is None and got.sound is None:
        return of_refusal(expected)
    if isinstance(wanted, Fails):
        return wrong("played something")
    assert isinstance(wanted, Film)
    right = measure(wanted.of(clips)) if wanted.of else None
    why = _presence(wanted, got) or (right and _same(wanted, got, right)) or _facts(wanted, got)
    return wrong(why) if why else RIGHT


def _presence(wanted: Film, got: Measured) -> str:
    for name, is_there, is_wanted in (
        ("picture", got.picture is not None, wanted.picture),
        ("sound", got.sound is not None, wanted.sound),
    ):
        if is_there != is_wanted:
            return f"{'no' if is_wanted else 'a'} {name}"
    return ""


def _same(wanted: Film, got: Measured, right: Measured) -> str:
    tracks = (
        ("pictures", got.picture, right.picture, SPARE_PICTURES),
        ("packets of sound", got.sound, right.sound, SPARE_SOUND),
    )
    for name, mine, its, spare in tracks:
        if mine is None or its is None:
            continue
        if _lost(mine.hashes, its.hashes, spare):
            return f"{len(mine.hashes)} {name} of {len(its.hashes)}, or others"
        if abs(mine.length - its.length) > max(SLACK, wanted.slack):
            return f"{name}: {mine.length:.2f} s of {its.length:.2f}"
    if got.picture and right.picture and (late := _displaced(got.picture, right.picture)):
        return f"a picture {late:.2f} s displaced"
    return _lag(got, right.lag) if wanted.lag is None else ""


def _lost(mine: Sequence[str], its: Sequence[str], spare: int) -> bool:
    matcher = SequenceMatcher(None, mine, its, autojunk=False)
    shared = sum(block.size for block in matcher.get_matching_blocks())
    return len(its) - shared > spare or len(mine) - shared > spare


def _displaced(mine: Track, its: Track) -> float:
    """Return the seconds by which the worst picture is out of its place; 0 if all are in theirs."""
    if len(mine.times) != len(its.times):
        return 0.0
    pairs = zip(mine.times, its.times, strict=True)
    worst = max(abs((a - mine.times[0]) - (b - its.times[0])) for a, b in pairs)
    return worst if worst > CLOCK else 0.0


def _lag(got: Measured, right: float | None) -> str:
    if right is None or got.lag is None or abs(got.lag - right) <= LAG:
        return ""
    return f"sound {got.lag:.2f} s behind, not {right:.2f}"


def _facts(wanted: Film, got: Measured) -> str:
    first = got.picture or got.sound
    assert first is not None
    if wanted.seconds is not None and abs(first.length - wanted.seconds) > max(SLACK, wanted.slack):
        return f"{first.length:.2f} s of {wanted.seconds:.2f}"
    if got.picture is not None:
        if wanted.frames and abs(len(got.picture.times) - wanted.frames) > SPARE_PICTURES:
            return f"{len(got.picture.times)} pictures of {wanted.frames}"
        if wanted.height and got.picture.height != wanted.height:
            return f"{got.picture.height} lines, not {wanted.height}"
    if got.sound is not None:
        if wanted.codec and got.sound.codec != wanted.codec:
            return f"sound in {got.sound.codec}"
        if wanted.channels and got.sound.channels != wanted.channels:
            return f"sound in {got.sound.channels}"
    return _lag(got, wanted.lag)
