"""``python -m downloads.transfer URL -o PATH``: the engine alone, one URL, resumable.

Exit status: 0 done, 1 failed (one line on standard error), 2 usage, 130 interrupted; the
partial file is kept then, and the same command goes on with it.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from downloads.egress.client import Client
from downloads.egress.policy import AddressPolicy, AllowedNetwork, parse_allowed_networks
from downloads.exceptions import DownloadError, Stopped, StopReason
from downloads.stop import StopToken
from downloads.streams import Stream
from downloads.transfer.config import DEFAULTS
from downloads.transfer.single import fetch
from downloads.transfer.terminal import ProgressBar

DONE, FAILED, INTERRUPTED = 0, 1, 130
MAX_CONNECTIONS = 64


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        networks = _networks(options.allow_network)
    except ValueError as error:
        parser.error(str(error))
    stop = StopToken()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.stop(StopReason.UNWANTED))
    policy = AddressPolicy(allowed_networks=networks)
    try:
        with Client(policy, stop=stop) as client, ProgressBar(options.output.name) as bar:
            stored = fetch(
                Stream(options.url),
                options.output,
                client=client,
                stop=stop,
                config=replace(DEFAULTS, connections=options.connections),
                on_progress=bar,
                digest=options.sha256,
            )
    except Stopped:
        sys.stderr.write("Interrupted. The same command goes on from here.\n")
        return INTERRUPTED
    except DownloadError as error:
        sys.stderr.write(f"{error.message} ({error.code})\n")
        return FAILED
    if stored.sha256:
        sys.stdout.write(f"{stored.sha256}  {options.output}\n")
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m downloads.transfer",
        description="Fetch one URL into a file, over several connections; resumable.",
    )
    parser.add_argument("url", metavar="URL")
    parser.add_argument("-o", "--output", metavar="PATH", type=_output, required=True)
    parser.add_argument(
        "--connections",
        metavar="N",
        type=_connections,
        default=DEFAULTS.connections,
        help=f"at most this many, up to {MAX_CONNECTIONS} (default: %(default)s)",
    )
    parser.add_argument(
        "--allow-network",
        metavar="CIDR[:PORT]",
        action="append",
        default=[],
        help="a private network that may be reached, besides FETCH_ALLOWED_NETWORKS",
    )
    parser.add_argument("--sha256", action="store_true", help="print the file's SHA-256")
    return parser


def _output(value: str) -> Path:
    if value.startswith("s3://"):
        raise argparse.ArgumentTypeError(
            "writing to S3 comes with the S3 sink and is not there yet. Name a local file."
        )
    path = Path(value)
    if path.is_dir() or value.endswith("/") or not path.name:
        raise argparse.ArgumentTypeError(f"{value} is a folder. Name the file to write.")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{path.parent} is not a folder. Make it first.")
    return path


def _connections(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= MAX_CONNECTIONS:
        raise argparse.ArgumentTypeError(f"a number from 1 to {MAX_CONNECTIONS} is wanted.")
    return int(value)


def _networks(given: list[str]) -> tuple[AllowedNetwork, ...]:
    """Raises ValueError, whose sentence names the item and the fix."""
    from_environment = os.environ.get("FETCH_ALLOWED_NETWORKS", "")
    return parse_allowed_networks(",".join((from_environment, *given)))


if __name__ == "__main__":
    sys.exit(main())
