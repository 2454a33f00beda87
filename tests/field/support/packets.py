"""Packets of a file without their times, as hashes."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.streaming.workshop import FFMPEG

# What a muxer adds or leaves out: SEI, SPS, PPS and delimiters of H.264, the headers of ADTS.
_BARE = {"V": "h264_mp4toannexb,filter_units=remove_types=6-9", "a": "aac_adtstoasc"}


def packets(path: Path, *, container: str = "") -> dict[str, list[str]]:
    """Of the first picture ("V") and the first sound ("a"), in order. H.264 and AAC alone.

    None of what ffmpeg reads nothing of: each is read by itself, so that one may be broken.
    ``container``: ffmpeg's name of it, where too little of the file is whole to tell by.
    """
    return {kind: _packets(path, kind, bare, container) for kind, bare in _BARE.items()}


def _packets(path: Path, kind: str, bare: str, container: str) -> list[str]:
    known = ("-f", container) if container else ()
    told = ("-map", f"0:{kind}:0", "-c", "copy", "-bsf", bare, "-f", "framecrc", "-")
    argv = [FFMPEG, "-nostdin", "-v", "error", *known, "-i", str(path), *told]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    rows = (line.split(",") for line in done.stdout.splitlines() if line[:1].isdigit())
    return [f"{row[4].strip()}:{row[5].strip()}" for row in rows]
