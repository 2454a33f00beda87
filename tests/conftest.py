"""The base of all tests: a real Redis, and no test skipped if all are required."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.support import between_tests
from tests.support.doomed_worker import doomed_worker
from tests.support.length import some_of_each
from tests.support.origins import canary, origin, secure_origin
from tests.support.quick import Quick
from tests.support.redis_server import RedisServer
from tests.support.shared_stack import elsewhere, shared_stack
from tests.support.stack import Stack

__all__ = ["canary", "doomed_worker", "elsewhere", "origin", "secure_origin", "shared_stack"]

Report = Any  # TestReport or CollectReport

LINES = 80  # of a Ferry's output, shown with a failed test
# The same examples in each run, and no clock: what fails by chance, or on a busy machine, says
# nothing about a change. `make field` and FERRY_SIMULATED_LIVES look for new ones.
hypothesis.settings.register_profile(
    "ferry",
    derandomize=True,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("ferry")

TESTS = Path(__file__).parent
COSTLY = ("engine/media", "engine/transfer", "faults", "field", "jobs", "storage")
FEW = 4  # members of a parametrised test there, in the short form of the suite
REQUIRE_ALL = os.environ.get("FERRY_REQUIRE_ALL") == "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick", action="store_true", help="only the tests that start no process, without Redis"
    )


def pytest_configure(config: pytest.Config) -> None:
    between_tests.install()
    if config.getoption("--quick"):
        config.pluginmanager.register(Quick())


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis of this test process alone, at the address that the settings name."""
    from django.conf import settings

    with RedisServer(settings.REDIS_URL, settings.DATA_DIR / "redis") as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def _redis_for_all(request: pytest.FixtureRequest) -> None:
    """Have Redis run for every test but those of ``--quick``: they find none."""
    if not request.config.getoption("--quick"):
        request.getfixturevalue("redis_server")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put files that start real processes first, then slow ones: none is left to the end.

    What only hosts that share a PostgreSQL database can do is no test where the suite runs on
    SQLite.
    """
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        shared = [item for item in items if item.get_closest_marker("postgresql")]
        config.hook.pytest_deselected(items=shared)
        items[:] = [item for item in items if item not in shared]
    _leave_out(config, items)
    heavy, slow = (
        {item.path for item in items if item.get_closest_marker(mark)} for mark in ("stack", "slow")
    )
    items.sort(key=lambda item: (item.path not in heavy, item.path not in slow))


def pytest_collection_finish() -> None:
    """Keep the collector from what stays to the end: thousands of tests, and Django. To go through
    them again and again took a twentieth of the suite's processor time."""
    gc.collect()
    gc.freeze()


def _leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out of the short form most members of what runs programs, or waits for origins."""
    folders = tuple(TESTS / name for name in COSTLY)
    costly = [item for item in items if any(map(item.path.is_relative_to, folders))]
    left_out = set(costly) - set(some_of_each(costly, FEW))
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Report, Report]:
    report = _without_skips((yield))
    if report.failed:
        report.sections += _outputs(item)
    return report


def _outputs(item: pytest.Item) -> list[tuple[str, str]]:
    """Return the last lines of every Ferry that the test used: most failures are told there."""
    used = getattr(item, "funcargs", {}).values()
    stacks = {id(each): each for each in used if isinstance(each, Stack)}
    return [("Ferry's output", "\n".join(each.lines[-LINES:])) for each in stacks.values()]


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Report, Report]:
    return _without_skips((yield))


def _without_skips(report: Report) -> Report:
    """With FERRY_REQUIRE_ALL=1 a skip is a failure: nothing may be missing there."""
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped although FERRY_REQUIRE_ALL=1: {report.longrepr}"
    return report
