"""HostRule rows as what fetching applies. What they keep secret is decrypted here alone."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from downloads.engine.egress import rules
from downloads.models import HostRule
from downloads.network.encryption import Unreadable, decrypt, encrypt

PURPOSE: Final = "host rule"


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """``headers`` as lines of ``Name: value``, ``proxy`` as its URL; both as the admin typed."""

    headers: str = ""
    proxy: str = ""


_SECRETS = TypeAdapter(Secrets)


def seal(secrets: Secrets) -> str:
    if secrets == Secrets():
        return ""
    return encrypt(_SECRETS.dump_json(secrets).decode(), PURPOSE)


def unseal(row: HostRule) -> Secrets:
    """Raises Unreadable."""
    if not row.ciphertext:
        return Secrets()
    return _SECRETS.validate_json(decrypt(row.ciphertext, PURPOSE))


def host_rules() -> rules.RequestRules:
    rows = HostRule.objects.exclude(ciphertext="")
    return rules.RequestRules(tuple(_rule(row) for row in rows))


def caps() -> dict[str, int]:
    """How many downloads may run at each host pattern that sets it otherwise."""
    rows = HostRule.objects.values_list("host", "concurrency")
    return {host: most for host, most in rows if most is not None}


def _rule(row: HostRule) -> rules.RequestRule:
    try:
        secrets = unseal(row)
        proxy = rules.Upstream.parse(secrets.proxy) if secrets.proxy else None
        return rules.RequestRule(row.host, rules.parse_headers(secrets.headers), proxy)
    except (Unreadable, ValueError):
        return rules.RequestRule(row.host, unreadable=True)
