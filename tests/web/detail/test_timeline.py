"""Each thing that happens reads as a sentence, not as a code."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from downloads.schemas import TransitionPayload
from downloads.web.download.timeline import WORDS, line_of

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


def told(event: str, **facts: Any) -> TransitionPayload:
    known: dict[str, Any] = dict.fromkeys(
        ("from_status", "to_status", "reason", "error_code", "attempt", "worker")
    )
    return TransitionPayload(at=NOW, event=event, **{**known, **facts})


@pytest.mark.parametrize(
    ("event", "facts", "text", "note"),
    [
        ("started", {"attempt": 1}, "Started", ""),
        ("started", {"attempt": 2}, "Started, attempt 2", ""),
        (
            "worker_lost",
            {"reason": "The worker stopped responding; another one resumes."},
            "The worker stopped responding",
            "Another worker resumes where it stopped.",
        ),
        ("failed", {"reason": "It is gone."}, "Failed", "It is gone."),
        ("something_new", {}, "Something new", ""),
    ],
)
def test_in_words(event: str, facts: dict[str, Any], text: str, note: str) -> None:
    line = line_of(told(event, **facts))
    assert (line.text, line.note) == (text, note)


def test_every_event_that_is_written_has_words() -> None:
    source = "\n".join(
        path.read_text() for path in (Path(settings.BASE_DIR) / "downloads").rglob("*.py")
    )
    pattern = r"""(?:TransitionNote\(|mark\(\w+, |note\(\w+, |_want_again\(\w+, )\s*"(\w+)\""""
    written = set(re.findall(pattern, source))
    assert len(written) > 10
    assert written <= set(WORDS)
