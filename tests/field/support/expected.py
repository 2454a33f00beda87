"""Right outcomes of a fetch, and the check of a real one against them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tests.field.support.clips import Clips
from tests.field.support.cues import Cue, read_cues
from tests.field.support.measure import Measured, measure

CLOCK = 0.003  # seconds by which a packet may differ from its place: a tick of MP4's or MPEG's
LAG = 0.03  # seconds between picture and sound: less than one frame of AAC is not heard


@dataclass(frozen=True)
class Outcome:
    """An ended fetch. ``file``: of the media; None where there is none. ``code``: of the error."""

    file: Path | None = None
    subtitles: tuple[Path, ...] = ()
    code: str = ""
    message: str = ""
    note: str = ""
    log: str = ""

    @property
    def fetched(self) -> Path:
        assert not self.code, f"{self.message} ({self.code})\n{self.log}"
        assert self.file is not None, self.log
        return self.file


class Expected(Protocol):
    def check(self, outcome: Outcome, clips: Clips) -> None: ...


@dataclass(frozen=True)
class Body:
    """The very bytes, under one of ``names`` where any is given."""

    body: bytes | Callable[[Clips], bytes]
    names: tuple[str, ...] = ()

    def check(self, outcome: Outcome, clips: Clips) -> None:
        file = outcome.fetched
        wanted = self.body if isinstance(self.body, bytes) else self.body(clips)
        got = file.read_bytes()
        assert len(got) == len(wanted), file.name
        assert got == wanted
        assert not self.names or file.name in self.names, file.name


@dataclass(frozen=True)
class Film:
    """A film with just the pictures and the sound of a clip, at the clip's times.

    ``of``: the clip; where there is none (a film of several), ``seconds`` and ``frames`` are
    compared. ``lag``: how much later the sound begins than the picture; None: as the clip's.
    ``picture``, ``sound``: is it there? ``codec``: of the sound. ``cues``: of the subtitles
    beside it. ``ext``: of its name. ``slack``, ``clock``, ``near``: seconds by which the length, a
    packet's place and the lag may differ.
    """

    of: Callable[[Clips], Path] | None = None
    seconds: float | None = None
    frames: int | None = None
    height: int | None = None
    lag: float | None = None
    picture: bool = True
    sound: bool = True
    codec: str = ""
    channels: str = ""
    cues: tuple[Cue, ...] | None = None
    note: str = ""
    ext: str = ""
    slack: float = 0.06
    clock: float = CLOCK
    near: float = LAG

    def check(self, outcome: Outcome, clips: Clips) -> None:
        file = outcome.fetched
        self.judge(measure(file), clips)
        assert not self.ext or file.suffix == f".{self.ext}", file.name
        if self.cues is not None:
            assert _cues(outcome) == self.cues
        assert re.search(self.note, outcome.note), outcome.note

    def judge(self, got: Measured, clips: Clips) -> None:
        """Compare its pictures and its sound."""
        assert got.complaints == ""
        assert (got.picture is not None) == self.picture, "picture"
        assert (got.sound is not None) == self.sound, "sound"
        if self.of is not None:
            self._same(got, measure(self.of(clips)))
        self._facts(got)

    def _same(self, got: Measured, right: Measured) -> None:
        for name in ("picture", "sound"):
            mine, its = getattr(got, name), getattr(right, name)
            if mine is None:
                continue
            assert its is not None
            assert len(mine.hashes) == len(its.hashes), f"frames of {name}"
            assert mine.hashes == its.hashes, name
            late = [
                (index, round(time - mine.times[0], 4), round(wanted - its.times[0], 4))
                for index, (time, wanted) in enumerate(zip(mine.times, its.times, strict=True))
                if abs((time - mine.times[0]) - (wanted - its.times[0])) > self.clock
            ]
            assert not late, f"{name} displaced: (index, time, right time) {late[:4]}"
        if self.lag is None and self.picture and self.sound and right.lag is not None:
            assert got.lag is not None
            assert abs(got.lag - right.lag) <= LAG, f"lag {got.lag}, right {right.lag}"

    def _facts(self, got: Measured) -> None:
        first = got.picture or got.sound
        assert first is not None
        if self.seconds is not None:
            for name, track in (("picture", got.picture), ("sound", got.sound)):
                if track is not None and (name == "picture" or not self.lag):
                    assert abs(track.length - self.seconds) <= self.slack, f"{name} {track.length}"
        if self.frames is not None and got.picture is not None:
            assert len(got.picture.times) == self.frames
        if self.height is not None and got.picture is not None:
            assert got.picture.height == self.height
        if self.lag is not None:
            assert got.lag is not None
            assert abs(got.lag - self.lag) <= self.near, f"the sound begins {got.lag} s later"
        if got.sound is not None:
            assert not self.codec or got.sound.codec == self.codec
            assert not self.channels or got.sound.channels == self.channels


@dataclass(frozen=True)
class Fails:
    """An error of one of these codes, and no file. ``words``: a pattern in its sentence."""

    codes: tuple[str, ...]
    words: str = ""

    def check(self, outcome: Outcome, clips: Clips) -> None:
        assert outcome.file is None, f"{outcome.file} was stored"
        assert outcome.code in self.codes, f"{outcome.message} ({outcome.code})\n{outcome.log}"
        assert re.search(self.words, outcome.message), outcome.message


@dataclass(frozen=True)
class Either:
    """The one or the other: exact, or a clear failure."""

    good: Expected
    bad: Expected = field(default=Fails(("incomplete", "bad_response", "network", "stalled")))

    def check(self, outcome: Outcome, clips: Clips) -> None:
        (self.bad if outcome.code else self.good).check(outcome, clips)


def fails(*codes: str, words: str = "") -> Fails:
    return Fails(codes, words)


def _cues(outcome: Outcome) -> tuple[Cue, ...]:
    assert len(outcome.subtitles) == 1, f"subtitles: {outcome.subtitles}\n{outcome.log}"
    return read_cues(outcome.subtitles[0].read_text())
