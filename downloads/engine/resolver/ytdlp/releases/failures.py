"""Counts of extractions by release and site, and a verdict: do failures rise since a swap? Pure.

Only what speaks of the extractor is counted: answers, and failures that are bugs of yt-dlp or of
its child. What a source refuses (a login, a country, a film that is gone) says nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import msgspec

WATCHED: Final = timedelta(days=3)  # after a swap; later, it is the sites that have changed
_OF_A_SITE: Final = 5  # failures, if the site worked before
_OF_ALL: Final = 10  # failures, of ...
_SITES: Final = 3  # ... so many sites
_SHARE: Final = 0.5  # of all that was judged
_MORE: Final = 0.25  # than with the release before
_KEPT_SITES: Final = 200


class Tally(msgspec.Struct, frozen=True):
    """Extractions of one site with one release."""

    good: int = 0
    broken: int = 0

    @property
    def judged(self) -> int:
        return self.good + self.broken

    @property
    def works(self) -> bool:
        return self.good > self.broken

    @property
    def fails(self) -> bool:
        return self.broken > 4 * self.good


Tallies = Mapping[str, Tally]  # by site


class Outcomes(msgspec.Struct, frozen=True):
    """The tallies of each release, by its version."""

    releases: dict[str, dict[str, Tally]] = {}

    def of(self, version: str) -> Tallies:
        return self.releases.get(version, {})

    def counting(self, version: str, site: str, *, good: bool) -> Outcomes:
        """Return them with one extraction more. The site that was counted longest ago is
        forgotten if there are too many."""
        tallies = dict(self.of(version))
        old = tallies.pop(site, Tally())
        tallies[site] = Tally(old.good + good, old.broken + (not good))
        while len(tallies) > _KEPT_SITES:
            del tallies[next(iter(tallies))]
        return Outcomes({**self.releases, version: tallies})

    def keeping(self, *versions: str) -> Outcomes:
        """Return those of these releases."""
        return Outcomes({each: dict(self.of(each)) for each in versions if self.of(each)})


def verdict(now: Tallies, before: Tallies) -> str:
    """Return why the release should be rolled back, as a sentence's end; empty if it should not.

    Either one site fails that worked with the release before, or many do.
    """
    for site, tally in now.items():
        worked = before.get(site, Tally()).works
        if tally.broken >= _OF_A_SITE and tally.fails and worked:
            return f"{site} failed {tally.broken} of {tally.judged} times, and worked before"
    broken = [site for site, tally in now.items() if tally.broken]
    count = sum(tally.broken for tally in now.values())
    share = _share(now)
    risen = share >= _SHARE and share >= _share(before) + _MORE
    if count >= _OF_ALL and len(broken) >= _SITES and risen:
        judged = sum(tally.judged for tally in now.values())
        return f"{count} of {judged} extractions failed, on {len(broken)} sites"
    return ""


def _share(tallies: Tallies) -> float:
    judged = sum(tally.judged for tally in tallies.values())
    return sum(tally.broken for tally in tallies.values()) / judged if judged else 0.0
