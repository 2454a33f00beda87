"""Parser children, ready before a link is pasted: an interpreter and yt-dlp take a second to start.
For a process that resolves all day; a command starts what it needs."""

from __future__ import annotations

from downloads.engine.resolver.manifests.parsing import parser
from downloads.engine.resolver.ytdlp import extraction as ytdlp


def begin() -> None:
    """Start the children and return soon: they start on threads of their own, and are replaced from
    now on."""
    parser().warm()
    ytdlp.extraction().warm()


def follow() -> None:
    """Have the extractor's children follow a change of yt-dlp's release; starts none."""
    ytdlp.follow()


def end() -> None:
    """Stop the children: none is left when this returns."""
    parser().close()
    ytdlp.extraction().close()
