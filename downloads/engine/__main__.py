"""``python -m downloads.engine URL -o PATH|s3://BUCKET/KEY``: the engine alone, resumable.

Exit status: 0 done, 1 failed (one line on standard error), 2 usage, 130 interrupted; what has
come is kept then, and the same command goes on with it. S3 is found by boto3's own environment.
"""

from __future__ import annotations

import argparse
import functools
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import DownloadError, Stopped, StopReason, StorageUnavailable
from downloads.engine.egress.client import Client
from downloads.engine.egress.policy import AddressPolicy, AllowedNetwork, parse_allowed_networks
from downloads.engine.resolver.urls import normalise
from downloads.engine.transfer.arguments import MAX_CONNECTIONS, connections
from downloads.engine.transfer.config import DEFAULTS, TransferConfig
from downloads.engine.transfer.part_names import checkpoint_path
from downloads.engine.transfer.prefetch import PrefetchRequest

if TYPE_CHECKING:
    from downloads.engine.transfer.sinks.base import BucketKey, Stored

DONE, FAILED, INTERRUPTED = 0, 1, 130


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
        with Client(policy, stop=stop) as client:
            config = replace(DEFAULTS, connections=options.connections)
            stored = _fetch(options, config, client, stop)
    except Stopped:
        sys.stderr.write("Interrupted. Run the same command again to resume.\n")
        return INTERRUPTED
    except DownloadError as error:
        sys.stderr.write(f"{_error_text(error, options.output)}\n")
        return FAILED
    if options.sha256 and stored.sha256:
        sys.stdout.write(f"{stored.sha256}  {options.output}\n")
    return DONE


def _fetch(
    options: argparse.Namespace, config: TransferConfig, client: Client, stop: StopToken
) -> Stored:
    """Fetch as the options say. Its imports run while the first request is on its way."""
    output: Path | BucketKey = options.output
    begun = isinstance(output, Path) and checkpoint_path(output).exists()
    # with a part there, the engine asks for the rest alone
    url = normalise(options.url)
    early = None if begun else PrefetchRequest(url, client)
    from downloads.engine.core.media import Stream
    from downloads.engine.transfer.request import FileRequest
    from downloads.engine.transfer.terminal import ProgressBar

    if isinstance(output, Path):
        from downloads.engine.transfer.single import fetch

        name, move = output.name, functools.partial(fetch, target=output)
    else:
        from downloads.engine.transfer.sinks.s3 import ClientFromEnvironment  # boto3 only for S3

        storage = ClientFromEnvironment()
        storage.prepare()
        from downloads.engine.transfer.single_object import fetch_object

        name, move = output.key, functools.partial(fetch_object, target=output, storage=storage)
    if early is not None:
        early.wait()
    with ProgressBar(name) as bar:
        request = FileRequest(
            client=client, stop=stop, config=config, on_progress=bar, stream=Stream(url)
        )
        return move(request, key=options.url, digest=options.sha256)


def _error_text(error: DownloadError, output: Path | BucketKey) -> str:
    """Return the error as text, for operators: with the bucket's answer."""
    if isinstance(error, StorageUnavailable) and not isinstance(output, Path):
        return f"{error.message} ({error.code}; {' '.join(error.detail.split())})"
    return f"{error.message} ({error.code})"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m downloads.engine",
        description="Fetch one URL into a file or an S3 object, over several connections; "
        "resumable.",
    )
    parser.add_argument("url", metavar="URL")
    parser.add_argument(
        "-o", "--output", metavar="PATH|s3://BUCKET/KEY", type=_output, required=True
    )
    parser.add_argument(
        "--connections",
        metavar="N",
        type=connections,
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
    parser.add_argument(
        "--sha256",
        action="store_true",
        help="print the file's SHA-256; of an object only where its bytes came in order",
    )
    return parser


def _output(value: str) -> Path | BucketKey:
    if value.startswith("s3://"):
        from downloads.engine.transfer.sinks.base import BucketKey

        bucket, _, key = value.removeprefix("s3://").partition("/")
        if not bucket or not key or key.endswith("/"):
            raise argparse.ArgumentTypeError(f"{value} names no object. Write s3://BUCKET/KEY.")
        return BucketKey(bucket, key)
    path = Path(value)
    if path.is_dir() or value.endswith("/") or not path.name:
        raise argparse.ArgumentTypeError(f"{value} is a folder. Name the file to write.")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{path.parent} is not a folder. Create it first.")
    return path


def _networks(networks: list[str]) -> tuple[AllowedNetwork, ...]:
    """Raises ValueError, whose sentence names the item and the fix."""
    from_environment = os.environ.get("FETCH_ALLOWED_NETWORKS", "")
    return parse_allowed_networks(",".join((from_environment, *networks)))


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # to take the interpreter apart would take as long as 30 MiB do
