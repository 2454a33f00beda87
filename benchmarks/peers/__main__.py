"""Put every form of a family to its peers, and write the section of ``docs/peers.md``."""

from __future__ import annotations

import argparse
import datetime
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.peers import document
from benchmarks.peers.asking import cells_of, peers_of
from benchmarks.peers.rows import rows
from tests.support.shell import ROOT


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("family", choices=document.TITLES)
    parser.add_argument("--only", nargs="*", default=(), help="kinds; the table is printed")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "ferry-peers")
    given = parser.parse_args()
    given.scratch.mkdir(parents=True, exist_ok=True)
    peers, commands, versions = peers_of(given.family, given.scratch)
    chosen = rows(given.family, given.only)
    # A process each: Playwright's loop and that of a fetch must not meet, and only one browser
    # may run.
    with ProcessPoolExecutor(len(peers), get_context("spawn")) as pool:
        futures = {
            name: pool.submit(cells_of, given.family, given.only, name, given.scratch)
            for name in peers
        }
        for name, future in futures.items():
            for row, cell in zip(chosen, future.result(), strict=True):
                row.cells[name] = cell
    if given.only:
        print(document.table(chosen))
        return
    on = datetime.datetime.now(datetime.UTC).date().isoformat()
    section = document.section(given.family, chosen, commands, versions, on)
    document.write(ROOT / "docs" / "peers.md", given.family, section)


if __name__ == "__main__":
    main()
