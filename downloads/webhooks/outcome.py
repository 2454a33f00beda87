"""The outcome of an attempt, from the answer or from the lack of one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from downloads import conf
from downloads.engine.core.errors import (
    BlockedAddress,
    DownloadError,
    NetworkError,
    Stalled,
    UnsupportedURL,
)
from downloads.engine.egress.error_mapping import InsecureConnection
from downloads.engine.egress.http_fields import retry_after

GONE: Final = 410
# One sentence for every address that gives no answer, blocked, refused or absent: else its user
# could find out which private names and addresses exist.
NO_ANSWER: Final = (
    f"The receiver did not answer within {conf.WEBHOOK_WITHIN:.0f} seconds. It must have a public "
    "address, take connections, and answer before it does slow work."
)
INVALID: Final = "The receiver sent an invalid response. It must be HTTP/1.1."
OURS: Final = "Something went wrong in Ferry. It retries; its log has the details."
UNREADABLE: Final = (
    "The webhook's secret cannot be read; the server's secret key may have changed. "
    "Delete this webhook and make it again."
)


@dataclass(frozen=True, slots=True)
class DeliveryOutcome:
    """The outcome of an attempt. ``error`` is empty for a success; ``detail`` is for the log alone.
    ``retry_after``: seconds that the receiver asks for."""

    status: int | None = None
    body: str = ""
    error: str = ""
    retry_after: float | None = None
    detail: str = ""

    @property
    def unanswered(self) -> bool:
        return self.error == NO_ANSWER

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
    detail = f"{error.code}: {error.detail}"
    match error:
        case InsecureConnection():
            return DeliveryOutcome(error=error.message, detail=detail)
        case BlockedAddress() | NetworkError() | Stalled() | UnsupportedURL():
            return DeliveryOutcome(error=NO_ANSWER, detail=detail)
        case _:
            return DeliveryOutcome(error=INVALID, detail=detail)


def _sentence(status: int) -> str:
    if status == GONE:
        return "The receiver answered 410 (gone). Enable the webhook to send again."
    if 300 <= status < 400:
        return f"The receiver answered {status}, a redirect. Give the webhook its final address."
    return f"The receiver answered {status}. It must answer 200 to 299."
