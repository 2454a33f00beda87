"""``manage.py fetch``: resolve and fetch with no server, no Redis and no database row."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from config.variables import Environment
from downloads.cli import early
from downloads.cli.place import Place
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import DownloadError, Stopped, StopReason
from downloads.engine.core.media import Quality
from downloads.engine.core.options import CONTAINERS, Options
from downloads.engine.sandbox import workdirs
from downloads.engine.transfer.arguments import connections
from downloads.engine.transfer.part_names import checkpoint_path

if TYPE_CHECKING:
    from downloads.cli.work import Store
    from downloads.engine.egress.trace import Trace

HELP = "Fetch a URL into a file. Run the same command again to resume."
DONE, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130


def add_arguments(parser: argparse.ArgumentParser, environment: Environment) -> None:
    parser.add_argument("url", metavar="URL")
    parser.add_argument("--quality", choices=[each.value for each in Quality], help="default: auto")
    parser.add_argument(
        "-o", "--output", metavar="PATH|DIR|-", default=".", help="default: this folder"
    )
    parser.add_argument(
        "--storage", action="store_true", help="put the file into the configured storage"
    )
    parser.add_argument("--connections", type=connections, default=environment.fetch_connections)
    parser.add_argument("--json", action="store_true", help="a JSON object a line")
    parser.add_argument(
        "-v", dest="verbose", action="store_true", help="show requests, answers and decisions"
    )
    parser.add_argument(
        "--subtitles", metavar="en,de", default="", help="languages, or all; as .vtt beside it"
    )
    parser.add_argument("--language", metavar="de", default="", help="of the sound")
    parser.add_argument("--container", metavar="mkv", default="", help=", ".join(CONTAINERS))
    parser.add_argument("--audio", metavar="mp3", default="", help="the sound alone, re-encoded")


def main(arguments: Sequence[str], environment: Environment) -> int | None:
    """Return the exit status; None for arguments that need Django: those that every command of
    Django takes, and ``--storage``."""
    parser = argparse.ArgumentParser(prog="manage.py fetch", description=HELP)
    add_arguments(parser, environment)
    options, unknown = parser.parse_known_args(arguments)
    if unknown or options.storage:
        return None
    return run(options, Place.of(environment), sys.stdout.write)


def leave(status: int) -> NoReturn:
    """Exit at once: the interpreter's shutdown takes as long as a small file. Jailed children end
    with this process."""
    workdirs.remove()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def run(
    options: argparse.Namespace,
    place: Place,
    write: Callable[[str], object],
    store: Store | None = None,
) -> int:
    """Fetch, and return the exit status. ``store``: the storage to use instead of a file."""
    try:
        requested = _requested(options)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return MISUSED
    stop = StopToken()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.stop(StopReason.UNWANTED))
    try:
        with place.client(stop, _trace() if options.verbose else None) as client:
            begun = _is_begun(Path(options.output))
            early_look = None if begun else early.look(options.url, place, client)
            from downloads.cli.work import FetchRun

            if early_look is not None:
                early_look.wait()
            FetchRun(options, requested, place, client, stop, write, store).run()
    except Stopped:
        sys.stderr.write("Interrupted. Run the same command again to resume.\n")
        return INTERRUPTED
    except DownloadError as error:
        sys.stderr.write(f"{error.message} ({error.code})\n")
        if options.verbose and error.detail:
            sys.stderr.write(f"Detail: {error.detail}\n")
        return FAILED
    return DONE


def _trace() -> Trace:
    from downloads.engine.egress.trace import Trace, line_of

    return Trace(lambda entry: print(line_of(entry), file=sys.stderr))  # noqa: T201


def _is_begun(output: Path) -> bool:
    """Return if there is a part, so that the engine requests the rest alone."""
    return bool(output.name) and checkpoint_path(output).exists()


def _requested(options: argparse.Namespace) -> Options:
    """Return the requested options. Raises ValueError with a sentence."""
    languages = (each.strip() for each in options.subtitles.split(","))
    return Options(
        container=options.container,
        audio=options.audio,
        subtitles=tuple(dict.fromkeys(filter(None, languages))),
        language=options.language,
    )
