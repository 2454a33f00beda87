"""One round: downloads under way, faults one after the other, and what must come of it."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from dataclasses import dataclass, field

import requests

from tests.faults.rounds.plan import Round
from tests.faults.rounds.site import PATIENCE, Site, call_until
from tests.support.content import MIB, content, sha256

SIZE = 12 * MIB
RATE = MIB // 8  # bytes a second of each connection: long enough for a few faults
SWEPT_WITHIN = 60.0  # seconds

_numbers = itertools.count(1)


@dataclass
class Outcome:
    """``failure``: what went wrong; empty if the round was survived. ``recoveries``: seconds from a
    fault's end until its download moved again. ``again``: bytes fetched more than once."""

    name: str
    faults: tuple[str, ...]
    failure: str = ""
    recoveries: list[float] = field(default_factory=list)
    again: int = 0
    leftovers: list[str] = field(default_factory=list)


def play(site: Site, drawn: Round) -> Outcome:
    """Play a round to its end. Never raises for what Ferry does."""
    outcome = Outcome(drawn.name, tuple(fault.name for fault in drawn.faults))
    since = len(site.origin.log)
    asked: dict[str, tuple[str, bytes]] = {}
    try:
        running = _ask(site, asked)
        for fault, delay in zip(drawn.faults, drawn.delays, strict=True):
            if site.download(running)["status"] == "completed":
                running = _ask(site, asked)
            time.sleep(delay)
            before = site.download(running)
            fault.strike(site, running)
            outcome.recoveries.append(_recovery(site, running, before["bytesDone"]))
        for pk, (path, data) in asked.items():
            _check_end(site, pk, data)
            sent = sum(each.sent for each in site.origin.log[since:] if each.path == path)
            outcome.again += max(sent - len(data), 0)
        _check_storage(site)
    except (AssertionError, requests.RequestException) as error:
        outcome.failure = f"{type(error).__name__}: {error}"[:500]
    outcome.leftovers = _leftovers(site)
    if outcome.leftovers and not outcome.failure:
        outcome.failure = f"left over: {outcome.leftovers}"[:500]
    return outcome


def _ask(site: Site, asked: dict[str, tuple[str, bytes]]) -> str:
    number = next(_numbers)
    path, data = f"/round{number}.bin", content(SIZE, number)
    site.origin.serve(path, data, rate=RATE)
    pk = site.ask(path)
    asked[pk] = (path, data)
    moving = call_until(lambda: _moved(site, pk, 0), PATIENCE)
    assert moving is not None, f"it never began: {site.download(pk)}"
    return pk


def _moved(site: Site, pk: str, beyond: int) -> bool | None:
    now = site.download(pk)
    return now["status"] == "completed" or now["bytesDone"] > beyond or None


def _recovery(site: Site, pk: str, beyond: int) -> float:
    """Return the seconds until bytes come again: any, where it began again at zero."""
    began = time.monotonic()
    lowest = beyond

    def moves() -> bool | None:
        nonlocal lowest
        now = site.download(pk)
        if now["status"] in ("failed", "cancelled", "expired"):
            raise AssertionError(f"it ended: {now['status']} {now['errorCode']} {now['error']}")
        if now["status"] == "completed" or now["bytesDone"] > lowest:
            return True
        lowest = min(lowest, now["bytesDone"])
        return None

    assert call_until(moves, PATIENCE), f"it never moved again: {site.download(pk)}"
    return time.monotonic() - began


def _check_end(site: Site, pk: str, data: bytes) -> None:
    def ended() -> bool | None:
        return site.download(pk)["status"] not in ("queued", "running", "paused") or None

    assert call_until(ended, PATIENCE), f"it never ended: {site.download(pk)}"
    now = site.download(pk)
    assert now["status"] == "completed", f"{now['status']}: {now['errorCode']} {now['error']}"
    answer = site.person.get(f"downloads/{pk}/file/")
    assert answer.status_code == 200, answer.text[:300]
    assert sha256(answer.content) == sha256(data), "other bytes than the source's"


def _check_storage(site: Site) -> None:
    """Every file once, and none that no download names."""
    answer = site.patient("GET", "downloads/?tab=completed")
    named = {each["filename"] for each in answer["results"] if each["filename"]}
    kept = Counter(name.rpartition("/")[2] for name in site.stored())
    assert named <= set(kept), f"missing: {sorted(named - set(kept))}"
    twice = [name for name, count in kept.items() if count > 1]
    assert not twice, f"stored twice: {twice}"


def _leftovers(site: Site) -> list[str]:
    """Return what is not swept a minute later."""
    if call_until(lambda: not site.leftovers() or None, SWEPT_WITHIN):
        return []
    return site.leftovers()
