"""The settings that look wrong by themselves: Ferry's system checks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from downloads import checks
from downloads.doctor.finding import Finding, ok, warn

# Those whose matter has no probe of its own.
CHECKS: Final = (
    checks.allowed_hosts_are_named,
    checks.several_hosts_share_a_database,
    checks.cookies_travel_encrypted,
    checks.a_redis_elsewhere_has_a_password,
    checks.runs_as_an_ordinary_user,
    checks.clients_have_addresses,
    checks.addresses_of_the_bucket_end,
)


def probe() -> Iterator[Finding]:
    messages = [message for check in CHECKS for message in check(None)]
    for message in messages:
        yield warn(str(message.id), str(message.msg), str(message.hint))
    if not messages:
        yield ok("settings", "The settings fit together.")
