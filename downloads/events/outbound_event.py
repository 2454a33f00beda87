"""An event on its way from the process where it happened to the sockets of a user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from downloads.schemas import Event

EVENT: Final = "news"
RESYNC: Final = "resync"  # something was lost: read the ledger again
RECHECK: Final = "recheck"  # a user signed out: check which sockets may stay


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message for a user's group. ``message`` as it crosses the channel layer."""

    user_id: int
    message: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OutboundEvent:
    """An event for one user. ``text`` is the message as the browser gets it.

    ``download_id`` is empty for content. Progress may be replaced by newer progress; nothing else
    may be left out. ``seq_base`` is the download's: it grows with each mark of its own.
    """

    user_id: int
    text: str
    download_id: str = ""
    seq: int | None = None
    is_progress: bool = False
    seq_base: int | None = None

    @classmethod
    def of(
        cls, user_id: int, event: Event, download_id: object = "", seq_base: int | None = None
    ) -> OutboundEvent:
        return cls(
            user_id=user_id,
            text=event.text(),
            download_id=str(download_id),
            seq=event.seq,
            is_progress=event.event == "download:progress",
            seq_base=seq_base,
        )

    def outgoing(self) -> Outgoing:
        return Outgoing(
            self.user_id,
            {
                "type": EVENT,
                "user": self.user_id,
                "text": self.text,
                "download": self.download_id,
                "seq": self.seq,
                "progress": self.is_progress,
                "seq_base": self.seq_base,
            },
        )

    @classmethod
    def from_message(cls, message: dict[str, Any]) -> OutboundEvent:
        return cls(
            user_id=message["user"],
            text=message["text"],
            download_id=message["download"],
            seq=message["seq"],
            is_progress=message["progress"],
            seq_base=message.get("seq_base"),  # an older worker's message has none
        )


def signal(kind: str, user_id: int) -> Outgoing:
    """Return a message without an event: ``kind`` is RESYNC or RECHECK."""
    return Outgoing(user_id, {"type": kind, "user": user_id})
