"""The system check on a kernel that cannot confine."""

from __future__ import annotations

import sys

import pytest

from downloads import checks
from downloads.engine.sandbox import support as module
from downloads.engine.sandbox.support import Support

WHOLE = Support(landlock=7, seccomp=True, network=True)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Support(landlock=0, seccomp=True, network=True), "files"),
        (Support(landlock=3, seccomp=True, network=False), "past the egress proxy"),
        (Support(landlock=7, seccomp=True, network=False), "on other addresses"),
        (Support(landlock=7, seccomp=False, network=True), "UDP"),
        (Support(landlock=5, seccomp=False, network=True), "signals"),
    ],
)
def test_what_is_missing_is_said(found: Support, said: str) -> None:
    (message,) = checks.unconfined(found.missing)
    assert message.id == "ferry.W010"
    assert said in message.msg
    assert message.hint


def test_a_whole_jail_needs_no_word() -> None:
    assert checks.unconfined(WHOLE.missing) == []


def test_it_looks_at_this_kernel() -> None:
    found = module.support()
    assert found.landlock >= 0
    assert checks.untrusted_input_is_confined(None) == checks.unconfined(found.missing)
    if sys.platform != "linux":
        assert found == Support(landlock=0, seccomp=False, network=False)
