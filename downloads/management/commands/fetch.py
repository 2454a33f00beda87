"""``manage.py fetch``: resolve and fetch with no server, no Redis and no database row."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from downloads import outbound
from downloads.delivery import storage
from downloads.delivery.naming import safe_part, storage_name
from downloads.egress.client import Client
from downloads.exceptions import DownloadError, Stopped, StopReason
from downloads.resolver import registry
from downloads.stop import StopToken
from downloads.streams import Quality, Selection, Stream
from downloads.transfer import single
from downloads.transfer.progress import Progress
from downloads.transfer.sinks.base import Stored
from downloads.transfer.terminal import ProgressBar

FAILED, INTERRUPTED = 1, 130
STDOUT = "-"


class Command(BaseCommand):
    help = "Fetch a URL into a file. The same command goes on with what it left unfinished."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("url", metavar="URL")
        parser.add_argument("--quality", choices=list(Quality), default=Quality.AUTO)
        parser.add_argument(
            "-o", "--output", metavar="PATH|DIR|-", default=".", help="default: this folder"
        )
        parser.add_argument(
            "--storage", action="store_true", help="put the file into the configured storage"
        )
        parser.add_argument("--connections", type=_connections, default=settings.FETCH_CONNECTIONS)
        parser.add_argument("--json", action="store_true", help="a JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = StopToken()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.stop(StopReason.UNWANTED))
        try:
            with outbound.client(stop) as client:
                _Fetch(options, client, stop, self.stdout.write).run()
        except Stopped:
            self.stderr.write("Interrupted. The same command goes on from here.")
            sys.exit(INTERRUPTED)
        except DownloadError as error:
            self.stderr.write(f"{error.message} ({error.code})")
            sys.exit(FAILED)


class _Fetch:
    def __init__(
        self,
        options: dict[str, Any],
        client: Client,
        stop: StopToken,
        write: Callable[[str], object],
    ) -> None:
        self._url: str = options["url"]
        self._quality = Quality(options["quality"])
        self._output: str = options["output"]
        self._to_storage: bool = options["storage"]
        self._connections: int = options["connections"]
        self._json: bool = options["json"]
        self._client = client
        self._stop = stop
        self._write = write

    def run(self) -> None:
        if self._to_storage:
            self._into_storage()
        elif self._output == STDOUT:
            self._onto_stdout()
        else:
            self._into_file()

    def _into_file(self) -> None:
        given = Path(self._output)
        into_folder = given.is_dir() or self._output.endswith("/")
        if not into_folder and single.is_unfinished(given, self._url):
            # what was begun is gone on with: asking anew would fetch its first bytes again
            target, stream = given, Stream(self._url)
        else:
            title, selection = self._resolve()
            target = given / safe_part(f"{title}.{selection.ext}") if into_folder else given
            (stream,) = selection.streams
        target.parent.mkdir(parents=True, exist_ok=True)
        self._done(self._fetch(stream, target), str(target))

    def _into_storage(self) -> None:
        title, selection = self._resolve()
        with _scratch() as folder:
            part = folder / safe_part(f"{title}.{selection.ext}")
            stored = self._fetch(selection.streams[0], part)
            name = storage_name(
                settings.STORAGE_NAME_TEMPLATE,
                title=title,
                quality=selection.quality,
                id=uuid.uuid5(uuid.NAMESPACE_URL, self._url),
                ext=selection.ext,
            )
            storage.save_file(name, part)
        self._done(stored, name)

    def _onto_stdout(self) -> None:
        _, selection = self._resolve()
        with _scratch() as folder:
            part = folder / "file"
            self._fetch(selection.streams[0], part, quiet=True)
            with part.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer, 1024 * 1024)
            sys.stdout.buffer.flush()

    def _resolve(self) -> tuple[str, Selection]:
        found = registry.resolve(self._url, self._quality, self._client)
        if self._json:
            self._say(event="resolved", title=found.source.title, size=found.selection.size)
        return found.source.title, found.selection

    def _fetch(self, stream: Stream, target: Path, *, quiet: bool = False) -> Stored:
        with ProgressBar(target.name) as bar:
            shown = self._tell if self._json and not quiet else bar
            return single.fetch(
                stream,
                target,
                client=self._client,
                stop=self._stop,
                config=replace(outbound.transfer_config(), connections=self._connections),
                on_progress=shown,
                limiter=outbound.rate_limiter(),
                key=self._url,
            )

    def _tell(self, progress: Progress) -> None:
        self._say(
            event="progress",
            bytesDone=progress.bytes_done,
            bytesTotal=progress.bytes_total,
            speed=round(progress.speed),
            eta=progress.eta,
        )

    def _done(self, stored: Stored, where: str) -> None:
        if self._json:
            self._say(event="completed", path=where, size=stored.size, sha256=stored.sha256)
        else:
            self._write(where)

    def _say(self, **facts: Any) -> None:
        self._write(json.dumps(facts))


@contextmanager
def _scratch() -> Iterator[Path]:
    folder = Path(settings.DATA_DIR) / "work"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=folder) as path:
        yield Path(path)


def _connections(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 64:
        raise argparse.ArgumentTypeError("a number from 1 to 64 is wanted.")
    return int(value)
