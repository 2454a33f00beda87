"""Comparison of tools: interleaved, in alternating order, each a whole process.

Only ratios measured in one run mean anything; outputs are compared byte for byte. Processor time,
of a whole process tree, stands beside wall time: it is what stays true on a noisy machine.
"""

from __future__ import annotations

import json
import os
import resource
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
    """A goal: ``tool`` takes at most ``ratio`` of the time of ``peer``; ``processor``: of its
    processor time, None if that is no goal."""

    tool: str
    peer: str
    ratio: float
    processor: float | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """The seconds of each tool in each round, on the wall and of processors."""

    wall: dict[str, list[float]]
    processor: dict[str, list[float]]


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
) -> Times:
    """Return the seconds of each tool in each round. Raises if a tool fails or its output
    differs."""
    times = Times({tool.name: [] for tool in tools}, {tool.name: [] for tool in tools})
    for number in range(rounds):
        for tool in tools if number % 2 == 0 else reversed(tools):
            out = folder / f"{tool.name.replace(' ', '-')}.out"
            wall, processor = _run(tool, out)
            times.wall[tool.name].append(wall)
            times.processor[tool.name].append(processor)
            verify(tool, out)
            for left in folder.glob(f"*{out.name}*"):
                left.unlink()
    return times


def _run(tool: Tool, out: Path) -> tuple[float, float]:
    environment = {**os.environ, **tool.environment}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
    spent, began = _processor(), time.perf_counter()
    for step in tool.steps:
        command = [part.format(out=out, folder=out.parent, name=out.name) for part in step]
        ended = subprocess.run(
            command, env=environment, capture_output=True, timeout=PATIENCE, check=False
        )
        if ended.returncode != 0:
            raise SystemExit(f"{tool.name} failed: {ended.stderr.decode()[-500:]}")
    return time.perf_counter() - began, _processor() - spent


def _processor() -> float:
    """Return the processor time of all processes that this one has waited for, and theirs."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def judge(work: str, times: Times, goals: Sequence[Goal]) -> list[Verdict]:
    """Return a verdict for each goal: the median of the rounds' ratios, so that a machine that gets
    slower meanwhile favours neither. Goals whose peer is not installed are left out."""
    verdicts = []
    for goal in goals:
        if not {goal.peer, goal.tool} <= times.wall.keys():
            continue
        verdicts.append(Verdict(work, goal.peer, goal.ratio, _ratio(times.wall, goal)))
        if goal.processor is not None:
            peer = f"{goal.peer}, processor time"
            verdicts.append(Verdict(work, peer, goal.processor, _ratio(times.processor, goal)))
    return verdicts


def _ratio(seconds: Mapping[str, list[float]], goal: Goal) -> float:
    pairs = zip(seconds[goal.tool], seconds[goal.peer], strict=True)
    return statistics.median(ours / theirs for ours, theirs in pairs)


def print_both(work: str, times: Times) -> None:
    print_times(work, times.wall)
    print_times(f"{work}, processor time", times.processor)


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


def both(times: Times, prefix: str = "") -> dict[str, list[float]]:
    """Return the seconds of both kinds by name, for JSON."""
    processor = {f"{name}, processor time": taken for name, taken in times.processor.items()}
    return {f"{prefix}{name}": taken for name, taken in (times.wall | processor).items()}


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
