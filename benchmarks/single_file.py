"""One file over HTTP, HTTPS, a throttled source and a far one, against curl, aria2c and others.

python -m benchmarks.single_file [plain tls throttled far] [--rounds 5]
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
    Tool,
    Verdict,
    compare,
    judge,
    print_times,
    print_verdicts,
    write_json,
)
from benchmarks.origin import origin

MIB = 1024 * 1024
MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None


@dataclass(frozen=True, slots=True)
class Work:
    name: str
    size: int
    origin: tuple[str, ...]
    goals: tuple[Goal, ...]
    tls: bool = False
    connections: int = 16


WORKS = {
    "plain": Work(
        "1 GiB, plain",
        1024 * MIB,
        (),
        (Goal("ferry", "curl", 0.65), Goal("ferry", "aria2c -x16", 0.40)),
    ),
    "tls": Work(
        "1 GiB, TLS",
        1024 * MIB,
        (),
        (Goal("ferry", "curl", 1.0), Goal("ferry", "aria2c -x16", 0.60)),
        tls=True,
    ),
    "throttled": Work(
        "256 MiB, 8 MB/s a connection",
        256 * MIB,
        ("--rate", "8000000"),
        (
            Goal("ferry 32", "curl", 0.065),
            Goal("ferry 32", "aria2c -x16", 0.62),
            Goal("ferry", "aria2c -x16", 1.02),
        ),
    ),
    "far": Work(
        "256 MiB, 80 + 80 ms",
        256 * MIB,
        ("--connect-delay", "0.08", "--request-delay", "0.08"),
        (Goal("ferry", "curl", 0.90), Goal("ferry", "aria2c -x16", 0.62)),
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("works", nargs="*", choices=[*WORKS, []], default=list(WORKS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=Path("single_file.json"))
    options = parser.parse_args()
    verdicts: list[Verdict] = []
    times: dict[str, list[float]] = {}
    for name in options.works:
        seconds, found = run(WORKS[name], options.rounds)
        times |= {f"{name}: {tool}": taken for tool, taken in seconds.items()}
        verdicts += found
    print_verdicts(verdicts)
    write_json(options.json, times, verdicts)


def run(work: Work, rounds: int) -> tuple[dict[str, list[float]], list[Verdict]]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        served, made = Path(folder) / "served", Path(folder) / "made"
        served.mkdir()
        made.mkdir()
        file = served / "file.bin"
        random_file(file, work.size)
        with _served(work, served) as (port, authority):
            scheme = "https" if work.tls else "http"
            url = f"{scheme}://localhost:{port}/file.bin"

            def verify(tool: Tool, out: Path) -> None:
                if not filecmp.cmp(file, out, shallow=False):
                    raise SystemExit(f"{tool.name}: the output is not the file")

            seconds = compare(_tools(work, url, authority), made, rounds, verify)
    print_times(work.name, seconds)
    return seconds, judge(work.name, seconds, work.goals)


def random_file(path: Path, size: int) -> None:
    block = os.urandom(16 * MIB)
    with path.open("wb") as file:
        for number in range(-(-size // len(block))):
            file.write(number.to_bytes(8) + block[8 : min(len(block), size - file.tell())])


@contextmanager
def _served(work: Work, folder: Path) -> Iterator[tuple[int, Path | None]]:
    if not work.tls:
        with origin(folder, *work.origin) as port:
            yield port, None
        return
    pem = certificate(folder.parent)
    with origin(folder, *work.origin, "--certificate", str(pem)) as port:
        yield port, pem


def certificate(folder: Path) -> Path:
    """Make a self-signed certificate for localhost and its key, in one file."""
    pem, key = folder / "localhost.pem", folder / "localhost.key"
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    command = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    kept = ("-nodes", "-days", "2", "-keyout", str(key), "-out", str(pem))
    subprocess.run([*command, *subject, *kept], check=True, capture_output=True)
    pem.write_bytes(pem.read_bytes() + key.read_bytes())
    return pem


def _tools(work: Work, url: str, authority: Path | None) -> Sequence[Tool]:
    trust = {} if authority is None else {"SSL_CERT_FILE": str(authority)}
    environment = {"FETCH_ALLOWED_NETWORKS": "127.0.0.0/8,::1/128", **trust}

    def ferry(name: str, connections: int) -> Tool:
        command = (sys.executable, "-m", "downloads.engine", url, "-o", "{out}")
        return Tool(name, [[*command, "--connections", str(connections)]], environment)

    tools = [ferry("ferry", work.connections)]
    if any(goal.tool == "ferry 32" for goal in work.goals):
        tools.append(ferry("ferry 32", 32))
    if shutil.which("curl"):
        ca = [] if authority is None else ["--cacert", str(authority)]
        tools.append(Tool("curl", [["curl", "-sf", *ca, "-o", "{out}", url]]))
    if shutil.which("aria2c"):
        ca = [] if authority is None else [f"--ca-certificate={authority}"]
        many = ["-x16", "-s16", "-k1M", "--file-allocation=none", "--summary-interval=0", "-q"]
        command = ["aria2c", *many, *ca, "-d", "{folder}", "-o", "{name}", url]
        tools.append(Tool("aria2c -x16", [command]))
    return tools


if __name__ == "__main__":
    main()
