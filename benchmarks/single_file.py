"""One file over HTTP, HTTPS, a throttled source and a far one, against curl, aria2c and others.

    python -m benchmarks.single_file [plain disk tls throttled far] [--rounds 5] [--before FOLDER]

Files are written to memory; by ``disk``, to the file system of ``--disk``, which should be a real
one: Ferry's is durable at the end, curl's only after ``sync``. The source is nginx if it is
installed, where it need not be paced. ``--before``: another checkout of Ferry, as a tool beside.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.compare import (
    Goal,
    Times,
    Tool,
    Verdict,
    both,
    compare,
    judge,
    print_both,
    print_verdicts,
    write_json,
)
from benchmarks.origin import origin
from config.server.supervisor.port import ReservedPort
from tests.support.nginx import Nginx

MIB = 1024 * 1024
MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None


@dataclass(frozen=True, slots=True)
class Work:
    """``origin``: options of the paced source; none: as fast as it can be."""

    name: str
    size: int
    origin: tuple[str, ...]
    goals: tuple[Goal, ...]
    tls: bool = False
    on_disk: bool = False


WORKS = {
    "plain": Work(
        "1 GiB, plain",
        1024 * MIB,
        (),
        (Goal("ferry", "curl", 0.60, processor=0.65), Goal("ferry", "aria2c -x16", 0.50)),
    ),
    "disk": Work(
        "1 GiB, plain, onto a disk",
        1024 * MIB,
        (),
        (Goal("ferry", "curl", 0.75, processor=0.78), Goal("ferry", "curl, sync", 0.58)),
        on_disk=True,
    ),
    "tls": Work(
        "1 GiB, TLS",
        1024 * MIB,
        (),
        (Goal("ferry", "curl", 1.0, processor=1.0), Goal("ferry", "aria2c -x16", 0.60)),
        tls=True,
    ),
    "throttled": Work(
        "256 MiB, 8 MB/s a connection",
        256 * MIB,
        ("--rate", "8000000"),
        (
            Goal("ferry 32", "curl", 0.065),
            Goal("ferry 32", "aria2c -x16", 0.60),
            Goal("ferry", "aria2c -x16", 1.04),
        ),
    ),
    "far": Work(
        "256 MiB, 80 + 80 ms",
        256 * MIB,
        ("--connect-delay", "0.08", "--request-delay", "0.08"),
        (Goal("ferry", "curl", 0.95), Goal("ferry", "aria2c -x16", 0.62)),
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("works", nargs="*", choices=[*WORKS, []], default=list(WORKS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--disk", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--json", type=Path, default=Path("single_file.json"))
    options = parser.parse_args()
    verdicts: list[Verdict] = []
    times: dict[str, list[float]] = {}
    for name in options.works:
        taken, found = run(WORKS[name], options)
        times |= both(taken, f"{name}: ")
        verdicts += found
    print_verdicts(verdicts)
    write_json(options.json, times, verdicts)


def run(work: Work, options: argparse.Namespace) -> tuple[Times, list[Verdict]]:
    with (
        tempfile.TemporaryDirectory(dir=MEMORY) as folder,
        tempfile.TemporaryDirectory(dir=options.disk if work.on_disk else MEMORY) as made,
    ):
        served = Path(folder) / "served"
        served.mkdir()
        file = served / "file.bin"
        random_file(file, work.size)
        with _served(work, served) as (port, authority):
            scheme = "https" if work.tls else "http"
            url = f"{scheme}://localhost:{port}/file.bin"

            def verify(tool: Tool, out: Path) -> None:
                if not filecmp.cmp(file, out, shallow=False):
                    raise SystemExit(f"{tool.name}: the output is not the file")

            tools = _tools(work, url, authority, options.before)
            times = compare(tools, Path(made), options.rounds, verify)
    print_both(work.name, times)
    return times, judge(work.name, times, work.goals)


def random_file(path: Path, size: int) -> None:
    block = os.urandom(16 * MIB)
    with path.open("wb") as file:
        for number in range(-(-size // len(block))):
            file.write(number.to_bytes(8) + block[8 : min(len(block), size - file.tell())])


@contextmanager
def _served(work: Work, folder: Path) -> Iterator[tuple[int, Path | None]]:
    pem = certificate(folder.parent) if work.tls else None
    if not work.origin and shutil.which("nginx"):
        with _nginx(folder, pem) as port:
            yield port, pem
        return
    tls = [] if pem is None else ["--certificate", str(pem)]
    with origin(folder, *work.origin, *tls) as port:
        yield port, pem


@contextmanager
def _nginx(folder: Path, pem: Path | None) -> Iterator[int]:
    reserved = ReservedPort()
    own = folder.parent / "nginx"
    own.mkdir()
    kind = "" if pem is None else " ssl"
    listens = f"listen 127.0.0.1:{reserved.number}{kind};"
    keys = "" if pem is None else f"ssl_certificate {pem}; ssl_certificate_key {pem};"
    server = f"server {{ {listens} {keys} root {folder}; }}"
    try:
        with Nginx(own, server, reserved.number):
            yield reserved.number
    finally:
        reserved.release()


def certificate(folder: Path) -> Path:
    """Make a self-signed certificate for localhost and its key, in one file."""
    pem, key = folder / "localhost.pem", folder / "localhost.key"
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    command = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    kept = ("-nodes", "-days", "2", "-keyout", str(key), "-out", str(pem))
    subprocess.run([*command, *subject, *kept], check=True, capture_output=True)
    pem.write_bytes(pem.read_bytes() + key.read_bytes())
    return pem


def _tools(work: Work, url: str, authority: Path | None, before: Path | None) -> Sequence[Tool]:
    trust = {} if authority is None else {"SSL_CERT_FILE": str(authority)}
    environment = {"FETCH_ALLOWED_NETWORKS": "127.0.0.0/8,::1/128", **trust}

    def ferry(name: str, connections: int, folder: Path = Path()) -> Tool:
        command = (sys.executable, "-m", "downloads.engine", url, "-o", "{out}")
        inside = ("env", "-C", str(folder))
        return Tool(name, [[*inside, *command, "--connections", str(connections)]], environment)

    tools = [ferry("ferry", 16)]
    if before is not None:
        tools.append(ferry("ferry before", 16, before))
    if any(goal.tool == "ferry 32" for goal in work.goals):
        tools.append(ferry("ferry 32", 32))
    if shutil.which("curl"):
        ca = [] if authority is None else ["--cacert", str(authority)]
        curl = ["curl", "-sf", *ca, "-o", "{out}", url]
        tools.append(Tool("curl", [curl]))
        if work.on_disk:
            tools.append(Tool("curl, sync", [curl, ["sync", "-d", "{out}"]]))
    if shutil.which("aria2c"):
        ca = [] if authority is None else [f"--ca-certificate={authority}"]
        many = ["-x16", "-s16", "-k1M", "--file-allocation=none", "--summary-interval=0", "-q"]
        command = ["aria2c", *many, *ca, "-d", "{folder}", "-o", "{name}", url]
        tools.append(Tool("aria2c -x16", [command]))
    return tools


if __name__ == "__main__":
    main()
