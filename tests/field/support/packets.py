"""Packets of a file without their times, as hashes."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.streaming.workshop import FFMPEG

# What a muxer adds or leaves out: SEI, SPS, PPS and delimiters of H.264, the headers of ADTS.
_BARE = {"V": "h264_mp4toannexb,filter_units=remove_types=6-9", "a": "aac_adtstoasc"}


def packets(path: Path) -> dict[str, list[str]]:
    """Of the first picture ("V") and the first sound ("a"), in order. H.264 and AAC alone.

    None of what ffmpeg reads nothing of: each is read by itself, so that one may be broken.
    """
    return {kind: _packets(path, kind, bare) for kind, bare in _BARE.items()}


def _packets(path: Path, kind: str, bare: str) -> list[str]:
    told = ("-map", f"0:{kind}:0", "-c", "copy", "-bsf", bare, "-f", "framecrc", "-")
    argv = [FFMPEG, "-nostdin", "-v", "error", "-i", str(path), *told]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    rows = (line.split(",") for line in done.stdout.splitlines() if line[:1].isdigit())
    return [f"{row[4].strip()}:{row[5].strip()}" for row in rows]
