"""Tests of the JavaScript that needs no page, each file run by ``node --test``."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

from tests.support.shell import ROOT

NODE = compute_driver_executable()[0]  # comes with Playwright's wheel
JS = Path(__file__).with_name("js")
FILES = sorted(JS.rglob("*.test.js"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(JS)))
def test_file(file: Path) -> None:
    run = subprocess.run([NODE, "--test", file], cwd=ROOT, capture_output=True, text=True)

    assert run.returncode == 0, run.stdout + run.stderr


def test_each_is_of_a_module_at_the_same_place() -> None:
    assert FILES
    for file in FILES:
        module = file.relative_to(JS).with_name(file.name.replace(".test.js", ".js"))
        assert (ROOT / "static" / "js" / module).is_file(), module
