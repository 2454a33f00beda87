"""One line of an examination."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """``id`` is stable. ``text`` is a sentence about what was found, ``fix`` what to do about it;
    empty if all is well."""

    id: str
    state: State
    text: str
    fix: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


Probe = Callable[[], Iterable[Finding]]


def ok(id: str, text: str) -> Finding:
    return Finding(id, "ok", text)


def warn(id: str, text: str, fix: str) -> Finding:
    return Finding(id, "warn", text, fix)


def fail(id: str, text: str, fix: str) -> Finding:
    return Finding(id, "fail", text, fix)
