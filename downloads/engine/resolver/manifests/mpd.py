"""Inside the jail: an MPD (ISO/IEC 23009-1) as plain data."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from downloads.engine.resolver.manifests import document, xlinks
from downloads.engine.resolver.manifests.document import Node
from downloads.engine.resolver.manifests.durations import moment, seconds
from downloads.engine.resolver.manifests.errors import ManifestError, ManifestTooLarge
from downloads.engine.resolver.manifests.limits import MAX_SECONDS, MAX_VARIANTS
from downloads.engine.resolver.manifests.offers import offers_of
from downloads.engine.resolver.manifests.periods import periods_of
from downloads.engine.resolver.manifests.timeline import runs_of

_SLACK = 60.0  # seconds that two clocks may differ


def read(
    text: str, url: str, representation: str, linked: Mapping[str, str | None]
) -> dict[str, Any]:
    """Return the offer as ``answers.Presentation`` takes it, with the pieces of one
    ``representation``; or ``links``: the URLs to fetch first. ``linked``: the texts of those by
    URL, None for one that could not be fetched.

    Raises ManifestError, ManifestTooLarge, UnsupportedScheme.
    """
    runs_of.cache_clear()  # it holds the previous manifest
    root = document.parse(text)
    links = xlinks.resolve(root, url, linked)
    total = seconds(root.get("mediaPresentationDuration")) or None
    answer: dict[str, Any] = {
        "live": is_live(root, total, time.time()),
        "split": False,
        "duration": None,
        "title": _title(root),
        "representations": [],
        "links": links,
        "lost": sum(1 for _ in root.all(xlinks.LOST)),
    }
    if answer["live"] or links:
        return answer
    try:
        periods = periods_of(root, url, total)
        offers, answer["split"] = offers_of(periods)
        if len(offers) > MAX_VARIANTS:
            raise ManifestTooLarge(f"more than {MAX_VARIANTS} representations")
        answer["representations"] = [
            offer.as_dict(with_pieces=offer.id == representation) for offer in offers
        ]
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        raise ManifestError(f"{type(error).__name__}: {error}"[:200]) from None
    answer["duration"] = _duration([period.length for period in periods], total)
    return answer


def _duration(lengths: Sequence[Fraction | None], total: Fraction | None) -> float | None:
    """Return the seconds of all periods; ``total``, the manifest's own, if one is not known."""
    known = sum((each for each in lengths if each is not None), Fraction())
    length = total if total is not None and (None in lengths or not known) else known
    return float(length) if 0 < length <= MAX_SECONDS else None


def is_live(root: Node, total: Fraction | None, now: float) -> bool:
    """Return if it still grows. An MPD that gives its whole length and is not refreshed has ended,
    unless that length is not over yet."""
    if (root.get("type") or "").strip().lower() != "dynamic":
        return False
    ended = moment(root.get("availabilityEndTime"))
    if ended is not None and ended < now:
        return False
    if total is None or root.get("minimumUpdatePeriod") is not None:
        return True
    begun = moment(root.get("availabilityStartTime"))
    return begun is not None and begun + float(total) > now + _SLACK


def _title(root: Node) -> str:
    information = root.first("ProgramInformation")
    title = information.first("Title") if information else None
    return " ".join((title.text if title else "").split())[:1000]
