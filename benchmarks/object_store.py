"""A URL straight into a bucket, against download-then-upload and ``rclone copyurl``.

    python -m benchmarks.object_store [plain throttled] [--rounds 5]

The bucket is ``rclone serve s3`` on loopback; throttled means 8 MB/s a connection on both sides.
"""

from __future__ import annotations

import argparse
import contextlib
import filecmp
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
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
from benchmarks.pace import paced
from benchmarks.single_file import MEMORY, MIB, random_file

SIZE = 256 * MIB
RATE = 8_000_000
BUCKET, KEY_ID, SECRET = "bench", "bench-key", "bench-secret"
RCLONE = str(Path(sys.executable).with_name("rclone"))
GOALS = {
    "plain": (Goal("ferry", "download, upload", 0.80), Goal("ferry", "rclone copyurl", 1.0)),
    "throttled": (Goal("ferry", "download, upload", 0.11), Goal("ferry", "rclone copyurl", 0.11)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("works", nargs="*", choices=[*GOALS, []], default=list(GOALS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=Path("object_store.json"))
    options = parser.parse_args()
    verdicts: list[Verdict] = []
    times: dict[str, list[float]] = {}
    for name in options.works:
        seconds, found = run(name, options.rounds)
        times |= {f"{name}: {tool}": taken for tool, taken in seconds.items()}
        verdicts += found
    print_verdicts(verdicts)
    write_json(options.json, times, verdicts)


def run(name: str, rounds: int) -> tuple[dict[str, list[float]], list[Verdict]]:
    work = f"URL -> S3, 256 MiB, {name}"
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder, contextlib.ExitStack() as stack:
        served, store, made = (Path(folder) / part for part in ("served", "store", "made"))
        for each in (served, store / BUCKET, made):
            each.mkdir(parents=True)
        random_file(served / "file.bin", SIZE)
        endpoint = stack.enter_context(bucket_server(store))
        pace: list[str] = []
        if name == "throttled":
            pace = ["--rate", str(RATE)]
            endpoint = f"127.0.0.1:{stack.enter_context(paced(endpoint, RATE))}"
        port = stack.enter_context(origin(served, *pace))

        def verify(tool: Tool, out: Path) -> None:
            stored = store / BUCKET / out.name
            if not filecmp.cmp(served / "file.bin", stored, shallow=False):
                raise SystemExit(f"{tool.name}: the object is not the file")
            stored.unlink()

        url = f"http://127.0.0.1:{port}/file.bin"
        seconds = compare(_tools(url, f"http://{endpoint}"), made, rounds, verify)
    print_times(work, seconds)
    return seconds, judge(work, seconds, GOALS[name])


def _tools(url: str, endpoint: str) -> Sequence[Tool]:
    amazon = {
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_S3_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_S3_REGION_NAME": "us-east-1",
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
    }
    account = f"access_key_id={KEY_ID},secret_access_key={SECRET}"
    remote = f":s3,provider=Other,{account},endpoint='{endpoint}':"
    python = sys.executable
    ferry = [python, "-m", "downloads.engine", url, "-o", f"s3://{BUCKET}/{{name}}"]
    naive = [python, "-m", "benchmarks.download_then_upload", url, BUCKET, "{name}", "{out}"]
    return (
        Tool("ferry", [[*ferry, "--connections", "16"]], amazon),
        Tool("download, upload", [naive], amazon),
        Tool(
            "rclone copyurl",
            [[RCLONE, "copyurl", url, f"{remote}{BUCKET}/{{name}}", "--config", os.devnull]],
        ),
    )


@contextlib.contextmanager
def bucket_server(root: Path) -> Iterator[str]:
    """Yield the address, HOST:PORT, of a bucket server while it runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    options = ["--addr", address, "--auth-key", f"{KEY_ID},{SECRET}", "--dir-cache-time", "1s"]
    command = [RCLONE, "serve", "s3", str(root), *options, "--config", os.devnull]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _await(address)
            yield address
        finally:
            process.kill()


def _await(address: str) -> None:
    host, port = address.split(":")
    for _ in range(200):
        try:
            socket.create_connection((host, int(port)), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("rclone serve s3 did not start")


if __name__ == "__main__":
    main()
