"""Compose files and examples: names that exist, syntax that their programs take."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema.validators import validator_for

from config.server.container import command_of
from config.server.supervisor import procfile
from config.variables import SECTIONS
from downloads.queue import counters
from tests.compose import files
from tests.support.shell import ROOT

COMPOSE = ["compose.yaml", "compose.cluster.yaml"]
OF_THE_ENTRY_POINT = {"PUID", "PGID", "UMASK"}
EXAMPLES = ROOT / "docs" / "examples"


def _services(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / name).read_text())["services"])


@pytest.mark.parametrize("name", COMPOSE)
def test_a_compose_file_is_as_the_specification_says(name: str) -> None:
    schema = get_builtin_schema("vendor.compose-spec")
    told = files.document(name)
    checks = validator_for(schema)(schema)
    assert [error.message for error in checks.iter_errors(told)] == []
    told["services"]["web" if "web" in told["services"] else "ferry"]["comand"] = "web"
    assert not checks.is_valid(told)


def test_what_a_cluster_has_to_be_told_is_said() -> None:
    """In the remark at its head; without one of them Compose stops, with these words."""
    text = (ROOT / "compose.cluster.yaml").read_text()
    head, _, rest = text.partition("x-ferry")
    required = set(re.findall(r"\$\{(\w+):\?Set \1\b", rest))
    assert required == set(re.findall(r"\b[A-Z][A-Z0-9]+(?:_[A-Z]+)*\b", head)) - {"TLS"}
    told = dict.fromkeys(required, "x")
    files.services("compose.cluster.yaml", told)
    for name in required:
        with pytest.raises(files.Unset, match=f"^Set {name}"):
            files.services("compose.cluster.yaml", {**told, name: ""})


@pytest.mark.parametrize("name", COMPOSE)
def test_every_variable_of_a_compose_file_exists(name: str) -> None:
    known = {row.name for section in SECTIONS for row in section.variables()} | OF_THE_ENTRY_POINT
    ours = [each for each in _services(name).values() if each["image"] == "ferry"]
    assert ours
    for service in ours:
        assert set(service["environment"]) <= known


@pytest.mark.parametrize("name", COMPOSE)
def test_every_process_of_a_compose_file_exists(name: str) -> None:
    processes = procfile.parse((ROOT / "Procfile").read_text())
    for service in _services(name).values():
        command = service.get("command", "up")
        if service["image"] == "ferry" and isinstance(command, str):
            assert command_of([command], processes) != [command]


@pytest.mark.parametrize("name", COMPOSE)
def test_every_volume_and_dependency_is_declared(name: str) -> None:
    told = yaml.safe_load((ROOT / name).read_text())
    for service in told["services"].values():
        assert set(service.get("depends_on", ())) <= set(told["services"])
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert source in told["volumes"] or (ROOT / source).exists() or ":" not in volume


@pytest.mark.parametrize("name", ["ferry.service", "ferry-worker@.service"])
def test_a_unit_of_systemd(tmp_path: Path, name: str) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    unit = tmp_path / name
    # The installation that it names is not on this machine.
    text = (EXAMPLES / name).read_text()
    unit.write_text(re.sub(r"/opt/ferry/.venv/bin/\w+", "/bin/sh", text))
    told = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stderr) == (0, "")


def test_alerts_name_metrics_that_exist() -> None:
    text = (EXAMPLES / "alerts.yml").read_text()
    rules = [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]
    asked = {name for rule in rules for name in re.findall(r"ferry_\w+", rule["expr"])}
    source = (ROOT / "config/server/metrics.py").read_text()
    counted = {f"{family.name}_total" for family in counters.REGISTRY.collect()}
    assert asked <= set(re.findall(r'"(ferry_\w+)"', source)) | counted
    outcomes = {found for rule in rules for found in re.findall(r'outcome="(\w+)"', rule["expr"])}
    assert outcomes <= counters.COUNTED_EVENTS
