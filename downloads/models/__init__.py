"""The ledger. Redis may lose, forget or repeat messages without changing anything here.

``Content`` is something that can be downloaded. A ``Rendition`` is one content revision in one
selection: the unit of work and the stored file, shared by all who requested it. A ``Download`` is
one user's claim on a rendition. ``Transition`` is the timeline. ``WebhookDelivery`` is the outbox.
"""

from downloads.models.bookkeeping import (
    IdempotencyKey,
    InstallationFact,
    MaintenanceTurn,
    MetricSample,
    RealtimeTicket,
)
from downloads.models.content import Content, ContentRequest
from downloads.models.download import Download, Transition
from downloads.models.group import DownloadGroup, Playlist, PlaylistEntry
from downloads.models.host_rule import HostRule
from downloads.models.queue_entry import LastTurn, QueueEntry
from downloads.models.rendition import Rendition, SourceHost, Worker
from downloads.models.site_cookies import SiteCookies
from downloads.models.webhook import Webhook, WebhookDelivery

__all__ = [
    "Content",
    "ContentRequest",
    "Download",
    "DownloadGroup",
    "HostRule",
    "IdempotencyKey",
    "InstallationFact",
    "LastTurn",
    "MaintenanceTurn",
    "MetricSample",
    "Playlist",
    "PlaylistEntry",
    "QueueEntry",
    "RealtimeTicket",
    "Rendition",
    "SiteCookies",
    "SourceHost",
    "Transition",
    "Webhook",
    "WebhookDelivery",
    "Worker",
]
