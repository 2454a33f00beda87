"""The start of yt-dlp's jailed child: of the installed release, or of one in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from deno import find_deno_bin

from downloads.engine.egress.proxy import EgressProxy
from downloads.engine.sandbox import workdirs
from downloads.engine.sandbox.confinement import MIB, Confinement
from downloads.engine.sandbox.worker import PACKAGE, JailedWorker, python_module

USES = 50  # requests of one child
_MAX_RESIDENT = 1024 * MIB  # of the child and its deno together
_PROCESSES = 6  # the child, deno, and what asks deno for its version


def module(name: str, release: Path | None) -> tuple[str | Path, ...]:
    """Return the command that runs a module with yt-dlp from ``release``; None: as installed."""
    return python_module(name, first_path=release)


def launch(
    command: Sequence[str | Path],
    proxy: EgressProxy | None,
    *,
    certificates: Path | None = None,
    release: Path | None = None,
) -> JailedWorker:
    """Start ``command``, which gets the path of deno as its last argument.

    It may read the release's folder, and write to its own work folder alone. ``proxy`` None: it
    has no network. ``certificates``: a PEM file to trust instead of the usual ones.
    """
    deno = Path(find_deno_bin())
    trusted = [certificates] if certificates else []
    return JailedWorker(
        (*command, str(deno)),
        Confinement(
            work_dir=workdirs.new("extract"),
            proxy=proxy,
            socket_pairs=True,  # deno wakes itself with one
            # deno reserves more address space than it ever uses
            memory_bytes=None,
            resident_bytes=_MAX_RESIDENT,
            cpu_seconds=USES * 20,
            processes=_PROCESSES,
            niceness=0,  # a user is waiting
            read_paths=(
                PACKAGE,
                *trusted,
                *([release] if release else []),
                *(part for part in command if isinstance(part, Path)),
            ),
            executables=(deno,),
            environment=_environment(trusted),
        ),
        remove_folder=True,
    )


def _environment(certificates: list[Path]) -> tuple[tuple[str, str], ...]:
    names = ("SSL_CERT_FILE", "CURL_CA_BUNDLE")
    trusted = [(name, str(path)) for path in certificates for name in names]
    return (("YTDLP_NO_PLUGINS", "1"), ("DENO_NO_UPDATE_CHECK", "1"), ("NO_COLOR", "1"), *trusted)
