"""Put every form to its peers and write ``docs/peers.md``."""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.field.peers import players, table
from tests.field.peers.rows import rows_of
from tests.field.support.product import kinds
from tests.support.shell import ROOT


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", help="default: all")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "ferry-peers")
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("-o", type=Path, default=ROOT / "docs" / "peers.md")
    given = parser.parse_args()
    players.install(given.scratch / "npm")
    chosen = given.kinds or list(kinds())
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(given.processes, mp_context=spawned, max_tasks_per_child=1) as pool:
        found = list(pool.map(rows_of, chosen, itertools.repeat(given.scratch)))
    versions = {"curl": _version("curl"), "ffmpeg": _version("ffmpeg", "-version")}
    rows = list(itertools.chain.from_iterable(found))
    text = table.document(rows, {**versions, "Chromium": _version("chromium")})
    if given.kinds:
        sys.stdout.write(text)
    else:
        given.o.write_text(text)


def _version(program: str, flag: str = "--version") -> str:
    said = subprocess.run([program, flag], capture_output=True, text=True).stdout
    return next(word for word in said.split() if word[0].isdigit())


if __name__ == "__main__":
    main()
