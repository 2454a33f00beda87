"""One delivery attempt: sign, send, judge the answer."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Final

import requests

from downloads import conf, network
from downloads.engine.core.errors import DownloadError
from downloads.engine.egress.requests_adapter import guarded_session
from downloads.network.encryption import Unreadable, decrypt
from downloads.schemas import shown_message_id
from downloads.webhooks import outcome, signing
from downloads.webhooks.claim import DeliveryClaim
from downloads.webhooks.outcome import DeliveryOutcome

FIXED: Final = {"Content-Type": "application/json", "User-Agent": "Ferry-Webhooks/1.0"}


def attempt(claim: DeliveryClaim) -> DeliveryOutcome:
    """Send one message. Return its outcome within ``conf.WEBHOOK_WITHIN``, and a moment for the
    beginning of the answer's body."""
    try:
        secret = decrypt(claim.ciphertext, claim.context)
    except Unreadable:
        return DeliveryOutcome(error=outcome.UNREADABLE)
    message_id = shown_message_id(claim.message_id)
    signed = signing.headers(secret, message_id, int(time.time()), claim.body)
    policy = network.address_policy()
    try:
        with guarded_session(policy, body_within=conf.WEBHOOK_BODY_WITHIN) as session:
            # A new client: a host's rules and cookies do not apply.
            answer = session.post(
                claim.url,
                data=claim.body.encode(),
                headers={**FIXED, **dict(signed)},
                timeout=conf.WEBHOOK_WITHIN,
                allow_redirects=False,
                stream=True,
            )
            with answer:
                body = _beginning(answer, conf.WEBHOOK_ANSWER_KEPT)
    except DownloadError as error:
        return outcome.of_error(error)
    return outcome.of_answer(answer.status_code, answer.headers, body)


def _beginning(answer: requests.Response, most: int) -> bytes:
    """Return the first bytes of the answer's body, as many as came in time."""
    found = b""
    with suppress(DownloadError):
        while len(found) < most and (block := answer.raw.read(most - len(found))):
            found += block
    return found
