"""User races: one who cannot decide."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site


def pause_and_resume(site: Site, download: str) -> None:
    site.act(download, "pause")
    site.act(download, "resume")


def cancel_and_retry(site: Site, download: str) -> None:
    site.act(download, "cancel")
    site.act(download, "retry")


def everything_at_once(site: Site, download: str) -> None:
    """Twenty actions from four sides; the last word is that it shall be there."""
    words = ["pause", "resume", "cancel", "retry"] * 5
    with ThreadPoolExecutor(4) as sides:
        list(sides.map(lambda word: site.act(download, word), words))
    if site.download(download)["status"] == "paused":
        site.act(download, "resume")
    if site.download(download)["status"] in ("cancelled", "failed"):
        site.act(download, "retry")


FAULTS = (
    Fault("pause and resume", pause_and_resume),
    Fault("cancel and retry", cancel_and_retry),
    Fault("20 actions at once", everything_at_once),
)
