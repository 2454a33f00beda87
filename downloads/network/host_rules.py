"""The request rules of HostRule rows. Their secrets are decrypted here alone."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from config.prepared import Prepared, PreparedValues
from downloads.engine.egress import rules
from downloads.models import HostRule
from downloads.network.encryption import EncryptionContext, Unreadable, decrypt, encrypt


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """A rule's secrets as typed: ``headers``, lines of ``Name: value``, and the ``proxy``'s URL."""

    headers: str = ""
    proxy: str = ""


_SECRETS = TypeAdapter(Secrets)


def context_of(row: HostRule) -> EncryptionContext:
    return EncryptionContext("host rule", (row.host,))  # one row for each


def seal(row: HostRule, secrets: Secrets) -> str:
    """Return the ciphertext for the row; empty for no secrets."""
    if secrets == Secrets():
        return ""
    return encrypt(_SECRETS.dump_json(secrets).decode(), context_of(row))


def unseal(row: HostRule) -> Secrets:
    """Return the row's secrets. Raises Unreadable."""
    if not row.ciphertext:
        return Secrets()
    return _SECRETS.validate_json(decrypt(row.ciphertext, context_of(row)))


def host_rules() -> rules.RequestRules:
    """Return the headers and proxies of all hosts; an unreadable rule refuses its host."""
    return rules.RequestRules(tuple(_rule(row) for row in _with_secrets()))


_with_secrets: Final[Prepared[HostRule]] = Prepared(lambda: HostRule.objects.exclude(ciphertext=""))
_caps: Final = PreparedValues(
    lambda: HostRule.objects.exclude(concurrency=None).values_list("host", "concurrency")
)


def caps() -> dict[str, int]:
    """Return the limit of running downloads for each host pattern that sets one."""
    return dict(_caps())


def _rule(row: HostRule) -> rules.RequestRule:
    try:
        secrets = unseal(row)
        proxy = rules.Upstream.parse(secrets.proxy) if secrets.proxy else None
        return rules.RequestRule(row.host, rules.parse_headers(secrets.headers), proxy)
    except (Unreadable, ValueError):
        return rules.RequestRule(row.host, unreadable=True)
