"""A URL straight into a bucket, against download-then-upload and ``rclone copyurl``.

    python -m benchmarks.object_store [plain throttled] [--rounds 5]

The bucket is ``rclone serve s3`` on loopback; throttled means 8 MB/s a connection on both sides.
"""

from __future__ import annotations

import argparse
import contextlib
import filecmp
import os
import sys
import tempfile
from collections.abc import Sequence
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
from benchmarks.pace import paced
from benchmarks.single_file import MEMORY, MIB, random_file
from tests.support.s3_server import BUCKET, KEY, RCLONE, SECRET, S3Server

SIZE = 256 * MIB
RATE = 8_000_000
GOALS = {
    "plain": (Goal("ferry", "download, upload", 0.82), Goal("ferry", "rclone copyurl", 0.95)),
    "throttled": (Goal("ferry", "download, upload", 0.10), Goal("ferry", "rclone copyurl", 0.10)),
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
        taken, found = run(name, options.rounds)
        times |= both(taken, f"{name}: ")
        verdicts += found
    print_verdicts(verdicts)
    write_json(options.json, times, verdicts)


def run(name: str, rounds: int) -> tuple[Times, list[Verdict]]:
    work = f"URL -> S3, 256 MiB, {name}"
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder, contextlib.ExitStack() as stack:
        served, store, made = (Path(folder) / part for part in ("served", "store", "made"))
        for each in (served, made):
            each.mkdir(parents=True)
        random_file(served / "file.bin", SIZE)
        bucket = stack.enter_context(contextlib.closing(S3Server(store)))
        endpoint = f"127.0.0.1:{bucket.port}"
        pace: list[str] = []
        if name == "throttled":
            pace = ["--rate", str(RATE)]
            endpoint = f"127.0.0.1:{stack.enter_context(paced(endpoint, RATE))}"
        port = stack.enter_context(origin(served, *pace))

        def verify(tool: Tool, out: Path) -> None:
            stored = bucket.folder / out.name
            if not filecmp.cmp(served / "file.bin", stored, shallow=False):
                raise SystemExit(f"{tool.name}: the object is not the file")
            stored.unlink()

        url = f"http://127.0.0.1:{port}/file.bin"
        times = compare(_tools(url, f"http://{endpoint}"), made, rounds, verify)
    print_both(work, times)
    return times, judge(work, times, GOALS[name])


def _tools(url: str, endpoint: str) -> Sequence[Tool]:
    amazon = {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_S3_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_S3_REGION_NAME": "us-east-1",
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
    }
    account = f"access_key_id={KEY},secret_access_key={SECRET}"
    remote = f":s3,provider=Other,{account},endpoint='{endpoint}':"
    python = sys.executable
    ferry = [python, "-m", "downloads.engine", url, "-o", f"s3://{BUCKET}/{{name}}"]
    naive = [python, "-m", "benchmarks.download_then_upload", url, BUCKET, "{name}", "{out}"]
    return (
        Tool("ferry", [[*ferry, "--connections", "16"]], amazon),
        Tool("download, upload", [naive], amazon),
        Tool(
            "rclone copyurl",
            [[str(RCLONE), "copyurl", url, f"{remote}{BUCKET}/{{name}}", "--config", os.devnull]],
        ),
    )


if __name__ == "__main__":
    main()
