"""Several transfers in one process: ``python -m benchmarks.parallel_fetch URL OUT [COUNT]``.

Prints the largest growth of its resident memory, in MiB.
"""

from __future__ import annotations

import resource
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.media import Stream
from downloads.engine.egress.client import Client
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.transfer.request import FileRequest
from downloads.engine.transfer.single import fetch


def main() -> None:
    url, out, *count = sys.argv[1:]
    policy = AddressPolicy(allowed_networks=parse_allowed_networks("127.0.0.0/8"))

    def one(number: int) -> None:
        stop = StopToken()
        with Client(policy, stop=stop) as client:
            request = FileRequest(client=client, stop=stop, stream=Stream(url))
            fetch(request, Path(f"{out}.{number}"), digest=False)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(int(count[0]) if count else 8)))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(f"{(after - before) / 1024:.1f}\n")


if __name__ == "__main__":
    main()
