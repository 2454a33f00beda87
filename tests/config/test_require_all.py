"""`.ci/run` lets nothing be skipped; elsewhere a skip says why."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.shell import ROOT
from tests.support.stack import clean_environment

SKIPPED_TEST = 'import pytest\ndef test_it():\n    pytest.skip("no browser")\n'
SKIPPED_MODULE = 'import pytest\npytest.skip("no browser", allow_module_level=True)\n'


@pytest.mark.parametrize("text", [SKIPPED_TEST, SKIPPED_MODULE])
@pytest.mark.parametrize("required", [False, True])
def test_a_skip_fails_where_all_is_required(text: str, required: bool, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(text)
    variables = {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
    if required:
        variables["FERRY_REQUIRE_ALL"] = "1"
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "tests.conftest"]
    ended = subprocess.run(
        [*command, "-p", "no:cacheprovider", f"--rootdir={tmp_path}", str(tmp_path)],
        cwd=ROOT,
        env=clean_environment(tmp_path / "data", **variables),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "no browser" in ended.stdout
    assert (ended.returncode in {1, 2}) is required
