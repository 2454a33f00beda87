"""A fault: a function that breaks something of a site while a download is under way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.rounds.site import Site


@dataclass(frozen=True)
class Fault:
    """``strike`` gets the site and the id of the download that is running; when it returns, what it
    broke works again. ``needs``: ``bucket``, ``postgresql`` or ``clock``, if it can strike only
    there."""

    name: str
    strike: Callable[[Site, str], None]
    needs: str = ""
    seconds: float = 10.0  # that it and the recovery from it take, by estimate

    def can_strike(self, site: Site) -> bool:
        if self.needs == "bucket":
            return site.door is not None
        if self.needs == "clock":
            return site.clock is not None
        return not self.needs or bool(site.database_url)
