"""The architecture page: its picture is the import contract, its names are in their files."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from tests.docs.names import is_in, section, table
from tests.docs.walks import TEXT, WALKS, steps
from tests.support.shell import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PICTURE = re.compile(r"^\+-+\+\n(.*?)^\+-+\+$", re.MULTILINE | re.DOTALL)

IMPORTED_AS = {"djangorestframework": "rest_framework", "django-storages": "storages"}
IN_SETTINGS = {
    "celery": "CELERY_WORKER_POOL",
    "channels-redis": "downloads.events.link.FerryChannelLayer",
    "boto3": "botocore",
    "requests": "requests_adapter",
}

Layers = list[set[str]]


def drawn(picture: str) -> Layers:
    """One set of folders a line; a line that is indented goes on with the one above."""
    layers: Layers = []
    for line in picture.splitlines():
        inside = line.split("|")[1]
        names = {name.strip() for name in inside.split(",") if name.strip()}
        if inside.startswith("   "):
            layers[-1] |= names
        else:
            layers.append(names)
    return layers


def contracted(**facts: Any) -> Layers:
    """The layers of the one contract that has these facts."""
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    (found,) = (
        each
        for each in contracts
        if each["type"] == "layers" and all(each.get(key) == facts[key] for key in facts)
    )
    return [{name.strip() for name in layer.split("|")} for layer in found["layers"]]


def test_the_pictures_are_the_import_contract() -> None:
    whole, engine = (drawn(picture) for picture in PICTURE.findall(TEXT))
    assert whole == contracted(containers=None)
    assert engine == contracted(containers=["downloads.engine"])


@pytest.mark.parametrize("walk", WALKS)
def test_each_function_is_in_its_file(walk: str) -> None:
    found = steps(walk)
    assert len(found) > 3
    assert [step for step in found if not is_in(step.name, step.file)] == []


def test_each_named_package_is_used_where_it_says() -> None:
    required = " ".join(PROJECT["project"]["dependencies"])
    rows = table(section(TEXT, "Named packages, and why they are used as they are"))
    assert len(rows) == 11
    for package, _, _, where in rows:
        name = package.strip("`")
        assert re.search(rf"(^| ){name}\b", required), name
        files = re.findall(r"`([\w./-]+)`", where)
        assert files, name
        for file in files:
            assert is_used(name, (ROOT / file).read_text(encoding="utf-8")), (name, file)


def is_used(package: str, text: str) -> bool:
    """By an import of it, or a setting that names it or a subclass of ours."""
    found = IMPORTED_AS.get(package, package.replace("-", "_"))
    return re.search(rf"^ *(import|from) {found}\b", text, re.MULTILINE) is not None or (
        IN_SETTINGS.get(package, "\0") in text
    )
