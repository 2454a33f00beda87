"""Runs the forms of a kind: a file of tests here declares ``KIND`` and a test with ``form``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from downloads.cli import place
from downloads.engine.transfer.config import TransferConfig
from tests.field.support.clips import Clips
from tests.field.support.expected import Outcome
from tests.field.support.fetching import TIME_LIMIT, fetch
from tests.field.support.kind import Form, Kind
from tests.support.origin import Origin

Check = Callable[[Form], Outcome]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrise ``form`` with the forms of the module's KIND."""
    kind = getattr(metafunc.module, "KIND", None)
    if isinstance(kind, Kind) and "form" in metafunc.fixturenames:
        metafunc.parametrize("form", kind.forms.values(), ids=kind.forms)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "form" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(TIME_LIMIT))


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """One folder for the whole run: the workers of xdist share the parent of their own."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    return Clips(shared / "field-media")


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest, clips: Clips) -> Iterator[Origin]:
    """The origin of the module's KIND."""
    kind: Kind = request.module.KIND
    with kind.origin(clips) as running:
        yield running


@pytest.fixture
def check(site: Origin, clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Fetch a form by the command line and check what came of it."""
    # As many attempts as ever, sooner one after the other: else a piece that stays wrong takes 4 s.
    monkeypatch.setattr(place, "TransferConfig", partial(TransferConfig, backoff=0.02))

    def run(form: Form) -> Outcome:
        outcome = fetch(form.url(site.url("")), form, tmp_path)
        form.expected.check(outcome, clips)
        return outcome

    return run
