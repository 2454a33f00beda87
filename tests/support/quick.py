"""The tests that start no process: known by where a test lives and which fixtures it asks for.

``pytest --quick`` (``make quick``) runs them alone, without Redis. A test among them that starts a
process all the same fails and names the rule that it needs: a line below.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

# Below tests/: folders and files whose tests run Ferry, a program, or a jailed child.
PLACES = {
    TESTS / place
    for place in (
        "browser",
        "cli",
        "clients",
        "config/test_supervisor.py",
        "delivery/test_backpressure.py",
        "delivery/test_real_application.py",
        "delivery/test_s3.py",
        "engine/pipeline",
        "engine/resolver/feeds",
        "engine/resolver/ytdlp/releases",
        "engine/resolver/ytdlp/test_confinement.py",
        "engine/transfer/s3",
        "engine/transfer/test_random_kills.py",
        "events",
        "faults",
        "field",
        "jobs",
        "proxies",
        "realtime",
        "sample/test_grant.py",
        "services/playlists/test_probe.py",
        "stack",
        "storage/subtitles",
        "support",
    )
}
# Fixtures that start one, or carry a whole transfer over sockets, for any test that uses them.
FIXTURES = frozenset(
    {
        "asking",
        "attempt",
        "browser",
        "confinement",
        "door",
        "doomed_worker",
        "extraction",
        "fetcher",
        "media",
        "parser",
        "piecewise",
        "redis_server",
        "shared_stack",
        "sleeper",
        "small_disk",
        "supervisor",
        "work_dir",
    }
)
# A test module that imports one of these starts programs itself.
IMPORTS = frozenset({"subprocess", "tests.support.streaming.workshop"})
STARTS = frozenset({"subprocess.Popen", "os.system", "os.fork", "os.forkpty", "os.posix_spawn"})


MARKS = ("stack", "processes")  # the second for one test in a file of others


def starts_processes(item: pytest.Item) -> bool:
    return (
        not FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
        or not PLACES.isdisjoint((item.path, *item.path.parents))
        or any(item.get_closest_marker(mark) for mark in MARKS)
        or _imports_starters(item)
    )


def _imports_starters(item: pytest.Item) -> bool:
    values = vars(getattr(item, "module", None) or object).values()
    names = {
        getattr(value, "__module__", None) or getattr(value, "__name__", "") for value in values
    }
    return not IMPORTS.isdisjoint(names)


class Quick:
    """A plugin that leaves out what starts processes or is slow, and holds the rest to it."""

    def __init__(self) -> None:
        self._is_running = False
        self._started = ""
        sys.addaudithook(self._audit)

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        return True if collection_path in PLACES else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        quick, left_out = [], []
        for item in items:
            is_quick = not (starts_processes(item) or item.get_closest_marker("slow"))
            (quick if is_quick else left_out).append(item)
        config.hook.pytest_deselected(items=left_out)
        items[:] = quick

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        self._is_running, self._started = True, ""
        try:
            return (yield)
        finally:
            self._is_running = False

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Fail a test that went on all the same, say because its product code expects failures."""
        report = yield
        if self._started and call.when == "call":
            report.outcome, report.longrepr = "failed", self._started
        return report

    def _audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._is_running and event in STARTS:
            self._started = (
                f"It starts a process ({event} {arguments[:1]}), and --quick does not expect it: "
                "name its place or its fixture in tests/support/quick.py"
            )
            raise RuntimeError(self._started)
