"""The outcomes of rounds, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from tests.faults.rounds.play import Outcome

HEAD = ("class", "rounds", "survived", "p95 recovery", "fetched again", "leftovers")


def table(outcomes: Sequence[Outcome]) -> str:
    """Return a Markdown table: a row for each class, and their sum."""
    names = sorted({outcome.name for outcome in outcomes})
    rows = [row(name, [each for each in outcomes if each.name == name]) for name in names]
    rows.append(row("all", outcomes))
    lines = [HEAD, tuple("---" for _ in HEAD), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def row(name: str, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    survived = sum(not each.failure for each in outcomes)
    again = sum(each.again for each in outcomes) / 2**20
    left = sum(len(each.leftovers) for each in outcomes)
    slow = p95([took for each in outcomes for took in each.recoveries])
    counts = (str(len(outcomes)), str(survived), f"{slow:.1f} s", f"{again:.1f} MiB", str(left))
    return (name, *counts)


def p95(values: Sequence[float]) -> float:
    """Return the nearest-rank percentile; 0 without values."""
    ordered = sorted(values)
    return ordered[max(-(-95 * len(ordered) // 100) - 1, 0)] if ordered else 0.0
