"""All benchmarks in one table: ``python -m benchmarks [--rounds 1] [--markdown FILE]``.

``make bench`` runs this. Each can be run alone with more rounds: see its module.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.compare import Verdict, print_verdicts

BY_ROUNDS = (
    "single_file",
    "object_store",
    "resume",
    "hls",
    "parallel",
    "web",
    "delivery",
    "small_files",
)
ALONE = ("ledger", "events", "post_to_first_byte", "probe", "abuse", "idle")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("only", nargs="*", help="modules, all by default")
    options = parser.parse_args()
    verdicts: list[Verdict] = []
    for name in options.only or [*BY_ROUNDS, *ALONE]:
        print(f"== {name}", flush=True)
        verdicts += run(name, options.rounds)
    print_verdicts(verdicts)
    if options.markdown:
        options.markdown.write_text(markdown(verdicts))


def run(name: str, rounds: int) -> list[Verdict]:
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.json"
        command = [sys.executable, "-m", f"benchmarks.{name}", "--json", str(found)]
        if name in BY_ROUNDS:
            command += ["--rounds", str(rounds)]
        if subprocess.run(command, check=False).returncode != 0:
            return [Verdict(name, "did not run", 0.0, float("inf"))]
        rows = json.loads(found.read_text())["verdicts"]
    return [
        Verdict(line["work"], line["against"], line["goal"], line["reached"], line["unit"])
        for line in rows
    ]


def markdown(verdicts: list[Verdict]) -> str:
    lines = ["| work | against | goal | reached | |", "|---|---|---|---|---|"]
    for line in verdicts:
        goal, reached = f"<= {line.goal:g} {line.unit}", f"{line.reached:.3g} {line.unit}"
        verdict = "met" if line.met else "missed"
        lines.append(f"| {line.work} | {line.against} | {goal} | {reached} | {verdict} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
