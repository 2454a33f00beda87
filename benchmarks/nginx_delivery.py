"""A stored file by ``X-Accel-Redirect``, against the same file that nginx serves by itself.

    python -m benchmarks.nginx_delivery [--rounds 9]

nginx runs with the example of the docs, without TLS. Each round reads the file twice by each, one
after the other, in alternating order. Wall time is the client's, transfer time that since the first
byte; processor time is that of nginx, the web process and the client. Needs nginx.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from contextlib import ExitStack
from pathlib import Path

import psutil

from benchmarks.compare import print_verdicts, write_json
from benchmarks.delivery import stored
from benchmarks.reader import Port, Target, judge, rounds
from benchmarks.single_file import MEMORY, MIB
from tests.support.nginx import Nginx, example
from tests.support.stack import Stack

SIZE = 8192 * MIB  # sparse; the web process takes some 10 ms before its first byte
GOAL = 1 / 0.95  # of the time, for 0.95 of the throughput
OWN = "nginx itself"
FERRY = "by X-Accel-Redirect"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path, default=Path("nginx_delivery.json"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder, ExitStack() as stack:
        port = stack.enter_context(Port()).number
        ferry = stack.enter_context(
            Stack(Path(folder) / "data", only="web", X_ACCEL_PREFIX="/_media")
        )
        path = stored(ferry, SIZE)
        nginx = Path(folder) / "nginx"
        nginx.mkdir()
        running = stack.enter_context(Nginx(nginx, _servers(ferry, port), port))
        tree = [psutil.Process(running.process.pid), ferry.one("daphne"), psutil.Process()]
        targets = {OWN: Target(port, "/own/film.mp4", tree), FERRY: Target(port, path, tree)}
        spent = rounds(targets, SIZE, options.rounds)
    goals = dict.fromkeys(("wall", "transfer", "processor"), GOAL)
    times, verdicts = judge(f"{SIZE // MIB} MiB", spent, FERRY, OWN, goals)
    print_verdicts(verdicts)
    write_json(options.json, times, verdicts)


def _servers(ferry: Stack, port: int) -> str:
    site = example(
        listen=f"listen 127.0.0.1:{port};",
        upstream=f"127.0.0.1:{ferry.port}",
        files=f"{ferry.media}/",
    )
    site = re.sub(r".*ssl_certificate.*\n", "", site).replace("Host $host;", "Host 127.0.0.1;")
    own = f"location /own/ {{ alias {ferry.media}/; }}"
    return site.replace("location / {", f"{own}\n    location / {{")


if __name__ == "__main__":
    main()
