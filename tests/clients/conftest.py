"""A Ferry, its schema as a file, a file to fetch, and Node with the packages of package.json."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.content import content
from tests.support.origin import Origin
from tests.support.shared_stack import stack
from tests.support.shell import ROOT
from tests.support.stack import PASSWORD, Stack

__all__ = ["stack"]

FILE = content(300_000)
Node = Callable[..., str]


@pytest.fixture
def person(stack: Stack, request: pytest.FixtureRequest) -> dict[str, str]:
    """The name and password of a user of this test's own."""
    name = request.node.name[:40]
    stack.person(name)
    return {"username": name, "password": PASSWORD}


@pytest.fixture
def film(origin: Origin) -> str:
    """The URL of a file that takes a moment."""
    origin.serve("/film.mp4", FILE)
    return origin.url("/film.mp4")


@pytest.fixture
def schema_file(stack: Stack, tmp_path: Path) -> Path:
    path = tmp_path / "schema.json"
    path.write_bytes(stack.admin.get(f"{stack.url}/api/schema/?format=json").content)
    return path


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """Run a program of node_modules, or ``node`` itself, in the test's folder; its output."""
    packages = ROOT / "node_modules"
    if shutil.which("node") is None or not (packages / "openapi-typescript").exists():
        pytest.skip("Node, or its packages (make check-js), are not here")
    (tmp_path / "node_modules").symlink_to(packages.resolve())
    (tmp_path / "package.json").write_text(json.dumps({"type": "module"}))

    def run(program: str, *arguments: str, **environment: str) -> str:
        found = shutil.which(program, path=str(packages / ".bin")) or program
        done = subprocess.run(
            [found, *arguments],
            cwd=tmp_path,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run
