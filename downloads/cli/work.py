"""One fetch from a URL to a file, the standard output or the storage."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from downloads.cli.place import Place
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import DownloadError
from downloads.engine.core.media import Quality, Stream
from downloads.engine.core.options import Options
from downloads.engine.core.progress import Progress, Throttle
from downloads.engine.core.storage_names import safe_part
from downloads.engine.egress.client import Client
from downloads.engine.media.inputs import SubtitleFile
from downloads.engine.pipeline import standalone
from downloads.engine.pipeline.job import FetchJob
from downloads.engine.pipeline.media_check import inspected
from downloads.engine.pipeline.muxing import made_as
from downloads.engine.resolver import dead_streams, registry
from downloads.engine.resolver.base import Resolution
from downloads.engine.resolver.urls import normalise
from downloads.engine.transfer import single
from downloads.engine.transfer.bandwidth import TokenBucket
from downloads.engine.transfer.sinks.base import Stored
from downloads.engine.transfer.terminal import ProgressBar

STDOUT = "-"

# Puts a finished file and its subtitles into the configured storage; returns their names there.
Store = Callable[[str, Resolution, Path, Sequence[SubtitleFile]], tuple[str, Sequence[str]]]


class FetchRun:
    def __init__(
        self,
        options: argparse.Namespace,
        requested: Options,
        place: Place,
        client: Client,
        stop: StopToken,
        write: Callable[[str], object],
        store: Store | None,
    ) -> None:
        self._url: str = options.url
        self._requested = requested
        usual = Quality.AUDIO if requested.audio else Quality.AUTO
        self._quality = Quality(options.quality or usual)
        self._output: str = options.output
        self._json: bool = options.json
        self._place = place
        self._write = write
        self._store = store
        config = replace(place.transfer, connections=options.connections)
        limiter = TokenBucket(place.rate_limit)
        self._job = FetchJob(client, stop, config, limiter, place.media, digest=self._json)
        self._throttle = Throttle()

    def run(self) -> None:
        if self._store is not None:
            self._into_storage(self._store)
        elif self._output == STDOUT:
            self._onto_stdout()
        else:
            self._into_file()

    def _into_file(self) -> None:
        output = Path(self._output)
        into_folder = output.is_dir() or self._output.endswith("/")
        plain = not into_folder and not self._requested.key
        if plain and single.is_unfinished(output, self._url):
            # an unfinished plain file is resumed: asking again would fetch its head once more
            stream = Stream(normalise(self._url))
            with self._shown(output.name) as job:
                stored = standalone.fetch_file(job, stream, output, key=self._url)
            self._done(stored, str(output))
            return
        resolved = self._resolve()
        target = output / _file_name(resolved) if into_folder else output
        target.parent.mkdir(parents=True, exist_ok=True)
        _, fetched = self._fetch(resolved, target)
        if into_folder and fetched.ext != resolved.selection.ext:
            target = target.replace(output / _file_name(_settled(resolved, fetched.ext)))
        self._done(fetched.stored, str(target), [str(each.path) for each in fetched.subtitles])

    def _into_storage(self, store: Store) -> None:
        found = self._resolve()
        with self._scratch() as folder:
            part = folder / _file_name(found)
            found, fetched = self._fetch(found, part)
            name, beside = store(self._url, _settled(found, fetched.ext), part, fetched.subtitles)
        self._done(fetched.stored, name, beside)

    def _onto_stdout(self) -> None:
        found = self._resolve()
        with self._scratch() as folder:
            part = folder / f"file.{found.selection.ext}"
            self._fetch(found, part, quiet=True)
            with part.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer, 1024 * 1024)
            sys.stdout.buffer.flush()

    def _resolve(self) -> Resolution:
        found = self._ask()
        if self._json and self._output != STDOUT:
            self._say(event="resolved", title=found.source.title, size=found.selection.size)
        return found

    def _ask(self) -> Resolution:
        client, requested = self._job.client, self._requested
        found = registry.resolve(self._url, self._quality, client, requested)
        return inspected(found, client, requested.container)

    def _fetch(
        self, resolution: Resolution, target: Path, *, quiet: bool = False
    ) -> tuple[Resolution, standalone.FetchedFile]:
        """Return what was fetched: another quality if that of ``resolution`` is gone."""
        while True:
            try:
                with self._shown(target.name, quiet=quiet) as job:
                    return resolution, standalone.fetch(job, self._url, resolution, target)
            except DownloadError:
                other = dead_streams.another(resolution, self._job.client, self._ask)
                if other is None:
                    raise
                resolution = other

    @contextmanager
    def _shown(self, title: str, *, quiet: bool = False) -> Iterator[FetchJob]:
        """Yield the job, with its progress shown under this title."""
        with ProgressBar(title) as bar:

            def tell(now: Progress) -> None:
                if self._json and not quiet:
                    self._tell(now)
                else:
                    bar(now)

            yield replace(self._job, tell=tell)

    def _tell(self, now: Progress) -> None:
        if not self._throttle.is_due():
            return
        self._say(
            event="progress",
            phase=now.phase,
            progress=round(now.percent or 0.0, 1),
            bytesDone=now.bytes_done,
            bytesTotal=now.bytes_total,
            speed=round(now.speed),
            eta=now.eta,
        )

    def _done(self, stored: Stored, where: str, beside: Sequence[str] = ()) -> None:
        """Report the end. ``beside``: the paths of the subtitles."""
        if self._json:
            extra: dict[str, Any] = {}
            if self._requested.subtitles:
                extra["subtitles"] = list(beside)
            if notes := self._job.notes.sentences:
                extra["notes"] = notes
            self._say(
                event="completed", path=where, size=stored.size, sha256=stored.sha256, **extra
            )
        else:
            self._write("\n".join([where, *beside, ""]))
            for sentence in self._job.notes.sentences:
                sys.stderr.write(f"Note: {sentence}\n")

    def _say(self, **facts: Any) -> None:
        self._write(json.dumps(facts) + "\n")

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        """Yield a folder that is the same for the same request, so that the same command resumes;
        removed once it is done."""
        name = single.identity(
            " ".join(filter(None, (self._url, self._quality, self._requested.key)))
        )
        folder = self._place.data_dir / "work" / f"fetch-{name}"
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        shutil.rmtree(folder, ignore_errors=True)


def _settled(resolution: Resolution, ext: str) -> Resolution:
    return replace(resolution, selection=made_as(resolution.selection, ext))


def _file_name(resolution: Resolution) -> str:
    return safe_part(f"{resolution.source.title}.{resolution.selection.ext}")
