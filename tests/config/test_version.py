from __future__ import annotations

import tomllib

from config.version import VERSION
from tests.support.shell import ROOT


def test_the_version_is_the_project_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == VERSION
