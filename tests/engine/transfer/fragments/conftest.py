from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.transfer.fragments.harness import Piecewise
from tests.support.origin import Origin


@pytest.fixture
def piecewise(origin: Origin, tmp_path: Path) -> Iterator[Piecewise]:
    made = Piecewise(origin, tmp_path / "spool")
    yield made
    made.client.close()
