"""Comparison of tools: interleaved, in alternating order, each a whole process.

Only ratios measured in one run mean anything; outputs are compared byte for byte.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

PATIENCE = 300  # seconds for one process


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool under test. ``steps`` run one after the other and count together. They may name
    ``{out}``, a path that does not exist yet, and its parts ``{folder}`` and ``{name}``."""

    name: str
    steps: Sequence[Sequence[str]]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal: ``tool`` takes at most ``ratio`` of the time of ``peer``."""

    tool: str
    peer: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the table. ``reached`` and ``goal`` in ``unit``; less is better."""

    work: str
    against: str
    goal: float
    reached: float
    unit: str = "x"

    @property
    def met(self) -> bool:
        return self.reached <= self.goal


def compare(
    tools: Sequence[Tool],
    folder: Path,
    rounds: int,
    verify: Callable[[Tool, Path], None],
) -> dict[str, list[float]]:
    """Return the seconds of each tool in each round. Raises if a tool fails or its output
    differs."""
    seconds: dict[str, list[float]] = {tool.name: [] for tool in tools}
    for number in range(rounds):
        for tool in tools if number % 2 == 0 else reversed(tools):
            out = folder / f"{tool.name.replace(' ', '-')}.out"
            seconds[tool.name].append(_run(tool, out))
            verify(tool, out)
            for left in folder.glob(f"*{out.name}*"):
                left.unlink()
    return seconds


def _run(tool: Tool, out: Path) -> float:
    environment = {**os.environ, **tool.environment}
    began = time.perf_counter()
    for step in tool.steps:
        command = [part.format(out=out, folder=out.parent, name=out.name) for part in step]
        ended = subprocess.run(
            command, env=environment, capture_output=True, timeout=PATIENCE, check=False
        )
        if ended.returncode != 0:
            raise SystemExit(f"{tool.name} failed: {ended.stderr.decode()[-500:]}")
    return time.perf_counter() - began


def judge(work: str, seconds: Mapping[str, list[float]], goals: Sequence[Goal]) -> list[Verdict]:
    """Return a verdict for each goal, median against median; goals whose peer is not installed are
    left out."""
    middle = {name: statistics.median(taken) for name, taken in seconds.items()}
    return [
        Verdict(work, goal.peer, goal.ratio, middle[goal.tool] / middle[goal.peer])
        for goal in goals
        if goal.peer in middle and goal.tool in middle
    ]


def print_times(work: str, seconds: Mapping[str, list[float]]) -> None:
    table = Table("tool", "min", "median", "max", title=f"{work}, seconds")
    for name, taken in seconds.items():
        figures = (min(taken), statistics.median(taken), max(taken))
        table.add_row(name, *(f"{figure:.3f}" for figure in figures))
    Console().print(table)


def print_verdicts(verdicts: Sequence[Verdict]) -> None:
    table = Table("work", "against", "goal", "reached", "verdict")
    for line in verdicts:
        table.add_row(
            line.work,
            line.against,
            f"<= {line.goal:g} {line.unit}",
            f"{line.reached:.3g} {line.unit}",
            "met" if line.met else "missed",
        )
    Console().print(table)


def write_json(path: Path, seconds: Mapping[str, list[float]], verdicts: Sequence[Verdict]) -> None:
    path.write_text(
        json.dumps({"seconds": dict(seconds), "verdicts": as_data(verdicts)}, indent=2) + "\n"
    )


def as_data(verdicts: Sequence[Verdict]) -> list[dict[str, object]]:
    return [
        {
            "work": line.work,
            "against": line.against,
            "goal": line.goal,
            "reached": line.reached,
            "unit": line.unit,
            "met": line.met,
        }
        for line in verdicts
    ]
