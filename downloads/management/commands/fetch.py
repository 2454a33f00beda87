"""``manage.py fetch``: resolve and fetch with no server, no Redis and no database row."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from downloads import conf, outbound
from downloads.delivery import storage, subtitles
from downloads.delivery.naming import safe_part, storage_name
from downloads.egress.client import Client
from downloads.exceptions import DownloadError, Stopped, StopReason
from downloads.making import standalone
from downloads.making.bar import Reading
from downloads.making.fetching.tools import Tools
from downloads.options import CONTAINERS, Options
from downloads.resolver import registry
from downloads.resolver.base import Resolution
from downloads.stop import StopToken
from downloads.streams import Phase, Quality, Stream
from downloads.transfer import single
from downloads.transfer.progress import Progress
from downloads.transfer.sinks.base import Stored
from downloads.transfer.terminal import ProgressBar

FAILED, MISUSED, INTERRUPTED = 1, 2, 130
STDOUT = "-"


class Command(BaseCommand):
    help = "Fetch a URL into a file. The same command goes on with what it left unfinished."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("url", metavar="URL")
        parser.add_argument("--quality", choices=list(Quality), help="default: auto")
        parser.add_argument(
            "-o", "--output", metavar="PATH|DIR|-", default=".", help="default: this folder"
        )
        parser.add_argument(
            "--storage", action="store_true", help="put the file into the configured storage"
        )
        parser.add_argument("--connections", type=_connections, default=settings.FETCH_CONNECTIONS)
        parser.add_argument("--json", action="store_true", help="a JSON object a line")
        parser.add_argument(
            "--subtitles", metavar="en,de", default="", help="languages, or all; as .vtt beside it"
        )
        parser.add_argument("--language", metavar="de", default="", help="of the sound")
        parser.add_argument("--container", metavar="mkv", default="", help=", ".join(CONTAINERS))
        parser.add_argument(
            "--audio", metavar="mp3", default="", help="the sound alone, re-encoded"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wished = _wished(options)
        stop = StopToken()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.stop(StopReason.UNWANTED))
        try:
            with outbound.client(stop) as client:
                _Fetch(options, wished, client, stop, self.stdout.write).run()
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
        wished: Options,
        client: Client,
        stop: StopToken,
        write: Callable[[str], object],
    ) -> None:
        self._url: str = options["url"]
        usual = Quality.AUDIO if wished.audio else Quality.AUTO
        self._quality = Quality(options["quality"] or usual)
        self._wished = wished
        self._output: str = options["output"]
        self._to_storage: bool = options["storage"]
        self._json: bool = options["json"]
        self._write = write
        config = replace(outbound.transfer_config(), connections=options["connections"])
        self._tools = Tools(client, stop, config, outbound.rate_limiter())
        self._told_at = float("-inf")

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
        plain = not into_folder and not self._wished.key
        if plain and single.is_unfinished(given, self._url):
            # a plain file that was begun is gone on with: asking anew would fetch its head again
            stream = Stream(self._url)
            with self._order(given.name) as order:
                stored = standalone.fetch_file(order, stream, given, key=self._url)
            self._done(stored, str(given))
            return
        found = self._resolve()
        target = given / _file_name(found) if into_folder else given
        target.parent.mkdir(parents=True, exist_ok=True)
        fetched = self._fetch(found, target)
        self._done(fetched.stored, str(target), [str(each.path) for each in fetched.subtitles])

    def _into_storage(self) -> None:
        found = self._resolve()
        with self._scratch() as folder:
            part = folder / _file_name(found)
            fetched = self._fetch(found, part)
            name = storage_name(
                settings.STORAGE_NAME_TEMPLATE,
                title=found.source.title,
                quality=found.selection.quality,
                id=uuid.UUID(single.identity(self._url)),
                ext=found.selection.ext,
            )
            storage.save_file(name, part)
            beside = subtitles.beside(name, fetched.subtitles)
            subtitles.put(beside, fetched.subtitles, self._tools.stop)
        self._done(fetched.stored, name, [each.storage_name for each in beside])

    def _onto_stdout(self) -> None:
        found = self._resolve()
        with self._scratch() as folder:
            part = folder / f"file.{found.selection.ext}"
            self._fetch(found, part, quiet=True)
            with part.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer, 1024 * 1024)
            sys.stdout.buffer.flush()

    def _resolve(self) -> Resolution:
        found = registry.resolve(self._url, self._quality, self._tools.client, self._wished)
        if self._json and self._output != STDOUT:
            self._say(event="resolved", title=found.source.title, size=found.selection.size)
        return found

    def _fetch(self, found: Resolution, target: Path, *, quiet: bool = False) -> standalone.Fetched:
        with self._order(target.name, quiet=quiet) as order:
            return standalone.fetch(order, found, target)

    @contextmanager
    def _order(self, title: str, *, quiet: bool = False) -> Iterator[standalone.Order]:
        with ProgressBar(title) as bar:

            def tell(phase: Phase, now: Progress, shown: Reading) -> None:
                if self._json and not quiet:
                    self._tell(phase, now, shown)
                elif phase is Phase.PROCESSING:
                    bar.show(now, shown.progress, shown.eta, "putting together")
                else:
                    bar.show(now, shown.progress if now.bytes_total else None, shown.eta)

            yield standalone.Order(self._url, self._tools, conf.media_config, tell)

    def _tell(self, phase: Phase, now: Progress, shown: Reading) -> None:
        if time.monotonic() - self._told_at < conf.PROGRESS_INTERVAL:
            return
        self._told_at = time.monotonic()
        self._say(
            event="progress",
            phase=phase,
            progress=round(shown.progress, 1),
            bytesDone=now.bytes_done,
            bytesTotal=now.bytes_total,
            speed=round(now.speed),
            eta=shown.eta,
        )

    def _done(self, stored: Stored, where: str, beside: Sequence[str] = ()) -> None:
        """``beside``: where the subtitles are."""
        if self._json:
            said = {"subtitles": list(beside)} if self._wished.subtitles else {}
            self._say(event="completed", path=where, size=stored.size, sha256=stored.sha256, **said)
        else:
            self._write("\n".join([where, *beside]))

    def _say(self, **facts: Any) -> None:
        self._write(json.dumps(facts))

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        """The same for the same wish, so that the same command goes on; removed once it is done."""
        wish = single.identity(" ".join(filter(None, (self._url, self._quality, self._wished.key))))
        folder = Path(settings.DATA_DIR) / "work" / f"fetch-{wish}"
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        shutil.rmtree(folder, ignore_errors=True)


def _file_name(found: Resolution) -> str:
    return safe_part(f"{found.source.title}.{found.selection.ext}")


def _wished(options: dict[str, Any]) -> Options:
    """Raises CommandError."""
    languages = (each.strip() for each in options["subtitles"].split(","))
    try:
        return Options(
            container=options["container"],
            audio=options["audio"],
            subtitles=tuple(dict.fromkeys(filter(None, languages))),
            language=options["language"],
        )
    except ValueError as error:
        raise CommandError(str(error), returncode=MISUSED) from None


def _connections(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 64:
        raise argparse.ArgumentTypeError("a number from 1 to 64 is wanted.")
    return int(value)
