"""The context of one attempt at a rendition."""

from __future__ import annotations

from dataclasses import dataclass

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.media import Selection
from downloads.engine.egress.client import Client
from downloads.engine.pipeline.link_refresh import Renewal
from downloads.jobs.progress_report import ProgressReporter
from downloads.jobs.resolve import ask_source
from downloads.models import Rendition
from downloads.queue.lease import Lease


@dataclass(frozen=True, slots=True)
class DownloadJob:
    """One attempt. ``rendition`` is the row as of its begin."""

    lease: Lease
    rendition: Rendition
    stop: StopToken
    client: Client
    reporter: ProgressReporter

    def renewal(self, selection: Selection) -> Renewal:
        """Return the renewal of links that expire under way, or over a pause."""
        return Renewal(selection.formats, lambda: ask_source(self.rendition, self.client).source)
