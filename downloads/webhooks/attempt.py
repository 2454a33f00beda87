"""One attempt: sign, send, say what came of it."""

from __future__ import annotations

import time
from typing import Final

from downloads import conf, network
from downloads.engine.core.errors import DownloadError
from downloads.engine.egress.post import post
from downloads.network.encryption import Unreadable, decrypt
from downloads.schemas import shown_message_id
from downloads.webhooks import outcome, signing
from downloads.webhooks.claim import DeliveryClaim
from downloads.webhooks.outcome import DeliveryOutcome

FIXED: Final = (("Content-Type", "application/json"), ("User-Agent", "Ferry-Webhooks/1.0"))


def attempt(claim: DeliveryClaim) -> DeliveryOutcome:
    """Ends within ``conf.WEBHOOK_WITHIN``, and a moment for the beginning of the answer's body."""
    try:
        secret = decrypt(claim.ciphertext, signing.PURPOSE)
    except Unreadable:
        return DeliveryOutcome(error=outcome.UNREADABLE)
    message_id = shown_message_id(claim.message_id)
    signed = signing.headers(secret, message_id, int(time.time()), claim.body)
    try:
        answer = post(
            claim.url,
            claim.body.encode(),
            (*FIXED, *signed),
            network.address_policy(),
            seconds=conf.WEBHOOK_WITHIN,
            keep=conf.WEBHOOK_ANSWER_KEPT,
        )
    except DownloadError as error:
        return outcome.of_error(error)
    return outcome.of_answer(answer)
