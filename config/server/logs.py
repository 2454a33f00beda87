"""Log lines: one a record, as text or as JSON, without secrets, in time that is linear in it.

A call and its line::

    logger.info("claimed", extra={"download": download.pk})
    17:07:40.123 info  downloads.jobs.runner claimed download=4f1c...
    {"time": "...", "level": "info", "logger": "...", "message": "claimed", "download": "4f1c..."}
"""

from __future__ import annotations

import json
import logging
import re
import time
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

from downloads.engine.core.log_context import LOG_CONTEXT
from downloads.engine.core.redaction import redact_queries, redact_userinfo

_STANDARD: Final = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}
_FOREIGN: Final = {"request", "data", "server_time", "status_code", "stack"}  # objects of Django
_FRAMES: Final = 6
_LONGEST: Final = 4000  # characters of a message or a value
_PLACE: Final = re.compile(r"(?:\b(\w{1,32})=)?%[-#0 +.\d]{0,8}[a-zA-Z]")  # of an argument

_SCRUBBED: Final = (
    (re.compile(r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie)(['\"]?\s*[:=]).*"), r"\1\2 ***"),
    (re.compile(r"(?i)\bbearer\s+\S+"), "Bearer ***"),
)


def scrub(text: str) -> str:
    """Replace passwords and queries of URLs, cookies and Authorization headers."""
    text = redact_queries(redact_userinfo(text, "***@"), "***")
    for pattern, replacement in _SCRUBBED:
        text = pattern.sub(replacement, text)
    return text


class LineFormatter(logging.Formatter):
    """A formatter that escapes control characters, so that no message can forge a second line."""

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%H:%M:%S", time.localtime(record.created))
        parts = [
            f"{moment}.{int(record.msecs):03d}",
            f"{record.levelname.lower():7}",
            record.name,
            _cut(record.getMessage()),
            *(f"{name}={_value(value)}" for name, value in _facts(record).items()),
        ]
        return _one_line(scrub(" ".join(parts)))


class JsonFormatter(logging.Formatter):
    """A formatter of JSON objects: ``time`` in UTC, ``level``, ``logger``, ``message``, and the
    pairs of the message as members, so that all lines of one kind have the same message."""

    def format(self, record: logging.LogRecord) -> str:
        message, named = _apart(record)
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _clean(message),
        }
        facts = {**named, **_facts(record)}
        line |= {name: _clean(value) for name, value in facts.items() if name not in line}
        return json.dumps(line)  # in ASCII: no character that a terminal acts on


def _apart(record: logging.LogRecord) -> tuple[str, dict[str, Any]]:
    """Return the message without its pairs, and these; the whole message if it is no such one."""
    template, values = str(record.msg), record.args
    names = [found.group(1) for found in _PLACE.finditer(template)]
    if not isinstance(values, tuple) or not names or None in names or len(names) != len(values):
        return record.getMessage(), {}
    return " ".join(_PLACE.sub("", template).split()), dict(zip(names, values, strict=True))


def _clean(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    return scrub(_cut(str(value)))


def log_to_stderr(level: str) -> None:
    """Configure logging for a process without Django's settings."""
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    """Return what the record says beside its message: its extras, its exception, the ids of its
    request or job that the message does not name."""
    facts = {
        name: value
        for name, value in vars(record).items()
        if name not in _STANDARD and name not in _FOREIGN
    }
    if record.exc_info and record.exc_info[1] is not None:
        _, error, trace = record.exc_info
        facts["error"] = f"{type(error).__name__}: {error}"
        facts["trace"] = _chain(trace)
    template = str(record.msg)
    return facts | {
        name: value
        for name, value in LOG_CONTEXT.get().items()
        if name not in facts and f"{name}=" not in template
    }


def _chain(trace: TracebackType | None) -> str:
    """Return the innermost frames, innermost first: file:line function."""
    frames = reversed(traceback.extract_tb(trace)[-_FRAMES:])
    return " < ".join(f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames)


def _short(filename: str) -> str:
    return "/".join(filename.split("/")[-2:])


def _value(value: object) -> str:
    text = _cut(str(value))
    return text if re.fullmatch(r"[^\s\"=]+", text) else json.dumps(text, ensure_ascii=False)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _one_line(text: str) -> str:
    """Escape what a terminal acts on or does not show: controls (C0, C1), line ends, marks of
    direction, halves of characters."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
