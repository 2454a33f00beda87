"""Files that editors, hooks and the hosted repository read agree with the tools in use."""

from __future__ import annotations

import configparser
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.shell import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
FORMS = sorted(
    path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config"
)
ELEMENTS = {"markdown", "textarea", "input", "dropdown", "checkboxes"}


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_editors_keep_ruffs_line() -> None:
    written = (ROOT / ".editorconfig").read_text(encoding="utf-8")
    config = configparser.ConfigParser()
    config.read_string("[top]\n" + written)
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]
    assert config.getint("*.py", "max_line_length") == ruff["line-length"]
    assert config["*.py"]["indent_size"] == "4"
    assert config["*"]["indent_style"] == "space"
    assert config["Makefile"]["indent_style"] == "tab"


@pytest.mark.parametrize("folder", ["accounts", "config", "docs", "downloads", "static", "tests"])
def test_files_are_as_editors_write_them(folder: str) -> None:
    for path in (ROOT / folder).rglob("*"):
        if path.suffix in {".py", ".js", ".ts", ".css", ".html", ".md"}:
            data = path.read_bytes()
            assert data in (b"", data.rstrip() + b"\n"), path
            assert b"\r" not in data, path
            assert re.search(rb"[ \t]\n", data) is None, path


def test_the_hooks_are_the_projects_own_tools() -> None:
    (repo,) = loaded(ROOT / ".pre-commit-config.yaml")["repos"]
    assert repo["repo"] == "local"
    for hook in repo["hooks"]:
        program, argument, *_ = hook["entry"].split()
        assert program in {".venv/bin/ruff", "make"}
        if program == "make":
            assert argument in TARGETS


def test_the_hosted_run_is_ours() -> None:
    (job,) = loaded(ROOT / ".github" / "workflows" / "ci.yml")["jobs"].values()
    checkout, run = job["steps"]
    assert checkout["uses"].startswith("actions/checkout@")
    assert run == {"run": ".ci/run"}
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_a_form_is_one_that_the_host_shows(form: Path) -> None:
    content = loaded(form)
    assert content["name"]
    assert content["description"]
    ids = [element["id"] for element in content["body"] if element["type"] != "markdown"]
    assert len(ids) == len(set(ids)) > 0
    for element in content["body"]:
        assert element["type"] in ELEMENTS
        assert element["attributes"].get("label" if "id" in element else "value")


def test_a_link_that_fails_comes_with_its_bundle() -> None:
    form = loaded(ROOT / ".github" / "ISSUE_TEMPLATE" / "link.yml")
    bundle = next(element for element in form["body"] if element.get("id") == "bundle")
    assert "manage.py explain" in bundle["attributes"]["description"]
    assert bundle["validations"]["required"]
