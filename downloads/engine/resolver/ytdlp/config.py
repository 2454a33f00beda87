"""Settings of the extractor in this process. Set once at start; read when a child is made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

RELEASES: Final = "ytdlp"  # the folder in DATA_DIR
GET_POT: Final = "/get_pot"  # the one path of the provider of PO tokens that is asked


@dataclass(frozen=True, slots=True)
class ExtractorConfig:
    """Settings of the extractor. ``po_token_url``: address of a bgutil-ytdlp-pot-provider, without
    a slash at its end; empty if there is none. ``releases``: the folder of this host's releases
    of yt-dlp; None: the installed one is used."""

    po_token_url: str = ""
    releases: Path | None = None


_configured = ExtractorConfig()


def configure(config: ExtractorConfig) -> None:
    """Set what :func:`configured` returns from now on."""
    global _configured
    _configured = config


def configured() -> ExtractorConfig:
    return _configured
