"""A compose file as Compose reads it: variables in their places, services in their order. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any, cast

import yaml

from tests.support.shell import ROOT

OURS = "ferry"  # the image
# ${NAME}, ${NAME:-default}, ${NAME:?error}: the forms that our files have (Compose specification).
_VARIABLE = re.compile(r"\$\{([A-Z_0-9]+)(?::([-?])([^}]*))?\}")


class Unset(Exception):
    """A variable that has to be set; the text is the file's own."""


@dataclass(frozen=True)
class Service:
    """One service. ``command`` None: the image's own. ``waits_for``: condition by service."""

    name: str
    image: str
    command: list[str] | None
    environment: dict[str, str]
    waits_for: dict[str, str]
    health: list[str] | None
    volumes: dict[str, str]  # source by place
    replicas: int
    grace: float


def interpolated(text: str, variables: Mapping[str, str]) -> str:
    """Raise Unset for a variable that has no value and must have one."""

    def value(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        if given := variables.get(name):
            return given
        if kind == "?":
            raise Unset(rest)
        return rest or ""

    assert "$" not in _VARIABLE.sub("", text).replace("$$", ""), "a form that is not read here"
    return _VARIABLE.sub(value, text)


def document(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / name).read_text()))


def services(name: str, variables: Mapping[str, str]) -> list[Service]:
    """Return the services, each after those that it waits for."""
    told = _filled(document(name)["services"], variables)
    found = {each: _service(each, fields) for each, fields in told.items()}
    order = TopologicalSorter({each: one.waits_for for each, one in found.items()}).static_order()
    return [found[each] for each in order]


def _filled(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return interpolated(value, variables)
    if isinstance(value, dict):
        return {name: _filled(one, variables) for name, one in value.items()}
    return [_filled(one, variables) for one in value] if isinstance(value, list) else value


def _service(name: str, fields: dict[str, Any]) -> Service:
    command = fields.get("command")
    waits = fields.get("depends_on", {})
    test = fields.get("healthcheck", {}).get("test")
    assert test is None or test[0] == "CMD"
    places = (volume.split(":") for volume in fields.get("volumes", ()))
    return Service(
        name=name,
        image=fields["image"],
        command=command.split() if isinstance(command, str) else command,
        environment={key: str(one) for key, one in fields.get("environment", {}).items()},
        waits_for=(
            {each: cast("str", one["condition"]) for each, one in waits.items()}
            if isinstance(waits, dict)
            else dict.fromkeys(waits, "service_started")
        ),
        health=test and test[1:],
        volumes={parts[1] if len(parts) > 1 else parts[0]: parts[0] for parts in places},
        replicas=fields.get("deploy", {}).get("replicas", 1),
        grace=float(fields.get("stop_grace_period", "10s").removesuffix("s")),
    )
