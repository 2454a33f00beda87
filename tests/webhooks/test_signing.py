"""Signatures, judged by the standard's own library, and secrets."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from downloads.webhooks import signing

BODY = '{"type":"download:completed","data":{"title":"Fähre ⛴"}}'


def now() -> int:
    return int(time.time())


def test_the_standards_library_agrees() -> None:
    secret = signing.make_secret()
    headers = dict(signing.headers(secret, "msg_1", now(), BODY))
    assert Verifier(secret).verify(BODY, headers) == {
        "type": "download:completed",
        "data": {"title": "Fähre ⛴"},
    }


@pytest.mark.parametrize("what", ["body", "id", "timestamp", "secret"])
def test_what_was_changed_is_refused(what: str) -> None:
    secret = signing.make_secret()
    headers = dict(signing.headers(secret, "msg_1", now(), BODY))
    body = BODY
    match what:
        case "body":
            body = BODY.replace("completed", "failed")
        case "id":
            headers["webhook-id"] = "msg_2"
        case "timestamp":
            headers["webhook-timestamp"] = str(now() + 7)
        case "secret":
            secret = signing.make_secret()
    with pytest.raises(WebhookVerificationError):
        Verifier(secret).verify(body, headers)


@pytest.mark.parametrize("sent", [BODY, BODY + " "])
def test_as_the_documentation_verifies_by_hand(sent: str) -> None:
    text = (Path(__file__).parents[2] / "docs/api.md").read_text()
    (recipe,) = [block for block in text.split("```") if block.startswith("python\nsigned =")]
    secret = signing.make_secret()
    headers = dict(signing.headers(secret, "msg_1", now(), BODY))
    found: dict[str, Any] = {"headers": headers, "body": sent.encode(), "secret": secret}
    known = {"base64": base64, "hashlib": hashlib, "hmac": hmac, "time": time}
    exec(recipe.removeprefix("python\n"), known, found)
    assert found["recent"] is True
    assert found["genuine"] is (sent == BODY)


def test_a_secret_that_is_made_is_new_and_usable() -> None:
    made = {signing.make_secret() for _ in range(20)}
    assert len(made) == 20
    assert {len(signing.key_of(secret)) for secret in made} == {32}


@pytest.mark.parametrize("length", [24, 64])
def test_a_secret_of_ones_own(length: int) -> None:
    assert signing.key_of("whsec_" + base64.b64encode(bytes(length)).decode()) == bytes(length)


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "whsec_x",
        "whsec_" + base64.b64encode(bytes(23)).decode(),
        "whsec_" + base64.b64encode(bytes(65)).decode(),
        base64.b64encode(bytes(32)).decode(),
        "whsec_ü",
        "whsec_" + "$" * 44,
    ],
)
def test_what_is_no_secret(secret: str) -> None:
    with pytest.raises(ValueError, match="Enter whsec_ and the Base64"):
        signing.key_of(secret)
