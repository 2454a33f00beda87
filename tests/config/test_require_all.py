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


@pytest.mark.parametrize(("required", "told"), [(False, "2 skipped"), (True, "1 failed, 1 error")])
def test_a_skip_fails_where_all_is_required(required: bool, told: str, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(SKIPPED_TEST)
    (tmp_path / "test_all.py").write_text(SKIPPED_MODULE)
    variables = {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
    if required:
        variables["FERRY_REQUIRE_ALL"] = "1"
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "tests.conftest"]
    command += ["--continue-on-collection-errors", "-p", "no:cacheprovider"]
    ended = subprocess.run(
        [*command, f"--rootdir={tmp_path}", str(tmp_path)],
        cwd=ROOT,
        env=clean_environment(tmp_path / "data", **variables),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.stdout.count("no browser") >= 2
    assert told in ended.stdout.splitlines()[-1]
    assert (ended.returncode == 1) is required
