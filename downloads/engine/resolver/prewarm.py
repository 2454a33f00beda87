"""Parser children, ready before a link is pasted: an interpreter and yt-dlp take a second to start.
For a process that resolves all day; a command starts what it needs."""

from __future__ import annotations

from downloads.engine.resolver.manifests.parsing import parser
from downloads.engine.resolver.ytdlp.extraction import extraction


def begin() -> None:
    """Start the children and return soon: they start on threads of their own, and are replaced from
    now on."""
    parser().warm()
    extraction().warm()


def end() -> None:
    """Stop the children: none is left when this returns."""
    parser().close()
    extraction().close()
