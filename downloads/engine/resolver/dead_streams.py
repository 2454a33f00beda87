"""Streams that turned out to be gone while they were fetched, although their lists are alive: the
next resolution selects another, as players switch to one."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

from downloads.engine.core.errors import DownloadError, Incomplete, NotMedia, Unavailable
from downloads.engine.egress.client import Client
from downloads.engine.resolver.base import Resolution

_GONE = (Incomplete, NotMedia, Unavailable)

_known: WeakKeyDictionary[Client, dict[str, DownloadError]] = WeakKeyDictionary()


def note(format_id: str, error: BaseException, client: Client) -> None:
    """Note that this format is gone, if ``error`` says so, for the lifetime of the client."""
    if isinstance(error, _GONE):
        _known.setdefault(client, {})[format_id] = error


def check(format_id: str, client: Client) -> None:
    """Raise the error by which this format was noted, if it was."""
    if (error := _known.get(client, {}).get(format_id)) is not None:
        raise error


def another(
    resolution: Resolution, client: Client, ask: Callable[[], Resolution]
) -> Resolution | None:
    """Return what ``ask`` finds in place of ``resolution``, one of whose streams was noted; None if
    that is the same again."""
    if not any(chosen.id in _known.get(client, {}) for chosen in resolution.selection.formats):
        return None
    try:
        other = ask()
    except DownloadError:
        return None  # no replacement: the caller raises the stream's own error
    return other if other.selection.key != resolution.selection.key else None
