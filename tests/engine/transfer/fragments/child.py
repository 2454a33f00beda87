"""Run by test_resume in a process of its own, which is killed."""

from __future__ import annotations

import sys
from pathlib import Path

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.media import Fragment, FragmentList
from downloads.engine.egress.client import Client
from downloads.engine.transfer.fragments import engine
from downloads.engine.transfer.fragments.job import FragmentsRequest
from downloads.engine.transfer.fragments.spool import FragmentSpool
from tests.engine.transfer.fragments.harness import FOUR, file_store
from tests.engine.transfer.harness import LOOPBACK


def main(base: str, count: str, directory: str, generation: str) -> None:
    stop = StopToken()
    fragments = tuple(Fragment(f"{base}/{index}", duration=2.0) for index in range(int(count)))
    spool = FragmentSpool(Path(directory) / "spool", int(generation), stop)
    request = FragmentsRequest(
        client=Client(LOOPBACK, stop=stop),
        stop=stop,
        config=FOUR,
        load=lambda: FragmentList(fragments, "ts", "k"),
    )
    store = file_store(Path(directory) / "checkpoint.json")
    outcome = engine.run(request, spool, store)
    with (Path(directory) / "result").open("wb") as result:
        result.writelines(spool.feed())
    print(outcome.resumed_fragments)


if __name__ == "__main__":
    main(*sys.argv[1:])
