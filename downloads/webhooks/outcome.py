"""The outcome of an attempt, from the answer or from the lack of one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from downloads.engine.core.errors import BlockedAddress, DownloadError, NetworkError, Stalled
from downloads.engine.egress.http_fields import retry_after

GONE: Final = 410
BLOCKED: Final = "Private addresses and Ferry's own are blocked. Ask your administrator."
SILENT: Final = "The receiver did not answer in time. Answer first, then do the slow work."
OURS: Final = "Something went wrong in Ferry. It retries; its log has the details."
UNREADABLE: Final = (
    "The webhook's secret cannot be read; the server's secret key may have changed. "
    "Delete this webhook and make it again."
)


@dataclass(frozen=True, slots=True)
class DeliveryOutcome:
    """The outcome of an attempt. ``error`` is empty for a success. ``retry_after``: seconds that
    the receiver asks for."""

    status: int | None = None
    body: str = ""
    error: str = ""
    retry_after: float | None = None

    @property
    def succeeded(self) -> bool:
        return not self.error

    @property
    def gone(self) -> bool:
        """Return True if the receiver wants nothing more, ever."""
        return self.status == GONE


def of_answer(status: int, headers: Mapping[str, str], body: bytes) -> DeliveryOutcome:
    # PostgreSQL takes no NUL in a text.
    text = body.decode("utf-8", "replace").replace("\0", "\ufffd")
    if 200 <= status < 300:
        return DeliveryOutcome(status, text)
    return DeliveryOutcome(status, text, _sentence(status), retry_after(headers.get("Retry-After")))


def of_error(error: DownloadError) -> DeliveryOutcome:
    match error:
        case BlockedAddress():
            return DeliveryOutcome(error=BLOCKED)
        case Stalled():
            return DeliveryOutcome(error=SILENT)
        case NetworkError() if error.message != NetworkError.default_message:
            return DeliveryOutcome(error=error.message)
        case NetworkError():
            return DeliveryOutcome(
                error="The receiver could not be reached, or hung up without an answer."
            )
        case _:
            return DeliveryOutcome(
                error="The receiver sent an invalid response. It must be HTTP/1.1."
            )


def _sentence(status: int) -> str:
    if status == GONE:
        return "The receiver answered 410 (gone). Enable the webhook to send again."
    if 300 <= status < 400:
        return f"The receiver answered {status}, a redirect. Give the webhook its final address."
    return f"The receiver answered {status}. It must answer 200 to 299."
