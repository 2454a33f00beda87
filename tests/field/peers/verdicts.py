"""What a peer made of a form, against its right outcome."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from tests.field.support.clips import Clips
from tests.field.support.expected import Body, Either, Expected, Fails, Film
from tests.field.support.measure import Measured


class Verdict(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"  # something else than the right outcome, kept as good
    REFUSED = "refused"
    NOT_ASKED = "-"


def wants_error(expected: Expected) -> bool:
    return isinstance(expected, Fails)


def of_refusal(expected: Expected) -> Verdict:
    return Verdict.RIGHT if isinstance(expected, Fails | Either) else Verdict.REFUSED


def of_bytes(expected: Expected, body: bytes, clips: Clips) -> Verdict:
    """A peer's file, under whatever name."""
    expected = expected.good if isinstance(expected, Either) else expected
    if not isinstance(expected, Body):
        return Verdict.WRONG
    right = expected.body if isinstance(expected.body, bytes) else expected.body(clips)
    return Verdict.RIGHT if body == right else Verdict.WRONG


def of_film(expected: Expected, got: Measured, clips: Clips) -> Verdict:
    """A peer's film: its pictures and sound. Players place sound a frame or two beside."""
    expected = expected.good if isinstance(expected, Either) else expected
    if not isinstance(expected, Film):
        return Verdict.WRONG
    if got.picture is None and got.sound is None:
        return Verdict.REFUSED
    wanted = replace(expected, clock=0.1, near=0.15, slack=max(0.3, expected.slack), cues=None)
    try:
        wanted.judge(got, clips)
    except AssertionError:
        return Verdict.WRONG
    return Verdict.RIGHT
