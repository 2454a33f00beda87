"""A finished file, measured packet by packet by ffmpeg; never by the code under test."""

from __future__ import annotations

import functools
import re
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from tests.support.streaming.workshop import FFMPEG

_STREAM = re.compile(r"Stream #0:\d+.*?: (Video|Audio): (\w+)(.*)")
_SIZE = re.compile(r", (\d+)x(\d+)")


@dataclass(frozen=True)
class Track:
    """``times``: presentation times in seconds, ``length``: from the first to the end of the last.

    ``hashes``: of each decoded picture, or of each packet of sound.
    """

    codec: str
    times: tuple[float, ...]
    length: float
    hashes: tuple[str, ...]
    height: int = 0
    channels: str = ""


@dataclass(frozen=True)
class Measured:
    picture: Track | None
    sound: Track | None
    complaints: str

    @property
    def lag(self) -> float | None:
        """Return the seconds by which the sound begins later than the picture."""
        if self.picture is None or self.sound is None:
            return None
        return self.sound.times[0] - self.picture.times[0]


def measure(path: Path) -> Measured:
    """Measure the first picture and the first sound."""
    return _measure(path, path.stat().st_mtime_ns)


@functools.cache
def _measure(path: Path, _: int) -> Measured:
    done = subprocess.run(
        [
            FFMPEG, "-nostdin", "-hide_banner", "-v", "level+info", "-copyts", "-i", str(path),
            "-map", "0:V:0?", "-map", "0:a:0?", "-c:v", "rawvideo", "-c:a", "copy",
            "-fps_mode", "passthrough", "-enc_time_base:v", "demux", "-f", "framecrc", "-",
        ],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    described = {}
    for line in done.stderr.partition("Output #0")[0].splitlines():
        found = _STREAM.search(line)
        if found and "attached pic" not in line:
            described.setdefault(found[1], (found[2], found[3]))
    tracks = _tracks(done.stdout)
    errors = [line for line in done.stderr.splitlines() if "[error]" in line or "[fatal]" in line]
    kinds = [kind for kind in ("Video", "Audio") if kind in described]
    named = {
        kind: _track(*described[kind], rows) for kind, rows in zip(kinds, tracks, strict=False)
    }
    return Measured(named.get("Video"), named.get("Audio"), "\n".join(errors))


def _tracks(said: str) -> list[list[tuple[Fraction, Fraction, str]]]:
    """Rows of (time, duration, hash) of each stream of a framecrc listing."""
    bases: dict[int, Fraction] = {}
    rows: dict[int, list[tuple[Fraction, Fraction, str]]] = {}
    for line in said.splitlines():
        if found := re.match(r"#tb (\d+): (\S+)", line):
            bases[int(found[1])] = Fraction(found[2])
            rows[int(found[1])] = []
        elif line[:1].isdigit():
            index, _, pts, duration, size, crc, *_ = (word.strip() for word in line.split(","))
            base = bases[int(index)]
            row = (int(pts) * base, int(duration) * base, f"{size}:{crc}")
            rows[int(index)].append(row)
    return [rows[index] for index in sorted(rows)]


def _track(codec: str, more: str, rows: list[tuple[Fraction, Fraction, str]]) -> Track | None:
    if not rows:
        return None
    size = _SIZE.search(more)
    ends = max(time + duration for time, duration, _ in rows)
    return Track(
        codec,
        tuple(float(time) for time, _, _ in rows),
        float(ends - min(time for time, _, _ in rows)),
        tuple(crc for _, _, crc in rows),
        height=int(size[2]) if size else 0,
        channels="mono" if ", mono" in more else "stereo" if ", stereo" in more else "",
    )
