"""Parser children, ready before a link is pasted: an interpreter and yt-dlp take a second to start.
For a process that resolves all day; a command starts what it needs."""

from __future__ import annotations

import threading

from downloads.engine.resolver.manifests.parsing import parser
from downloads.engine.resolver.ytdlp import extraction as ytdlp

_begun = threading.Event()


def begin() -> None:
    """Have the children ready from now on. Returns soon: they start on threads of their own. To be
    called whenever there is work: after a rest they start again, while the source is asked."""
    _begun.set()
    parser().warm()
    ytdlp.extraction().warm()


def rest(after: float) -> None:
    """Stop the children, 65 MiB, if there was no work for ``after`` seconds; starts none."""
    if _begun.is_set():
        parser().rest(after)
        ytdlp.extraction().rest(after)


def follow() -> None:
    """Have the extractor's children follow a change of yt-dlp's release; starts none."""
    ytdlp.follow()


def end() -> None:
    """Stop the children: none is left when this returns."""
    parser().close()
    ytdlp.extraction().close()
