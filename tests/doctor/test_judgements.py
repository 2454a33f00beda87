"""The doctor's decisions, by facts alone."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest

from downloads.doctor import public_address, sandbox, ytdlp
from downloads.doctor.public_address import Echo
from downloads.engine.sandbox.support import Support


@pytest.mark.parametrize(
    ("version", "state"), [("2026.10.26", "ok"), ("2026.09.30", "warn"), ("unknown", "ok")]
)
def test_the_age_of_ytdlp(version: str, state: str) -> None:
    assert ytdlp.judge(version, date(2026, 11, 30)).state == state


def test_what_a_kernel_lacks() -> None:
    whole = Support(landlock=7, seccomp=True, network=True)
    assert {finding.state for finding in sandbox.judge(whole)} == {"ok"}
    bare = list(sandbox.judge(Support(landlock=0, seccomp=False, network=False)))
    assert [finding.id for finding in bare] == ["landlock", "seccomp", "namespaces"]
    assert {finding.state for finding in bare} == {"warn"}


WELL = Echo("https", "ferry.example.org", "203.0.113.9", "203.0.113.9", "https")


@pytest.mark.parametrize(
    ("echo", "told", "ids"),
    [
        (WELL, {}, []),
        (WELL, {"BEHIND_HTTPS_PROXY": False}, ["proxy_scheme"]),
        (
            Echo("http", "ferry.example.org", "10.0.0.1", "", ""),
            {},
            ["proxy_scheme", "proxy_client"],
        ),
        (
            Echo("https", "127.0.0.1:8000", "203.0.113.9", "203.0.113.9", "https"),
            {},
            ["proxy_host"],
        ),
    ],
)
def test_what_a_proxy_passes_on(
    settings: Any, echo: Echo, told: dict[str, Any], ids: list[str]
) -> None:
    settings.BEHIND_HTTPS_PROXY, settings.TRUSTED_PROXIES = True, ["10.0.0.0/8"]
    for name, value in told.items():
        setattr(settings, name, value)
    found = list(public_address.judge(urlsplit("https://ferry.example.org"), echo))
    assert [finding.id for finding in found] == ids
    assert all(finding.fix for finding in found)
