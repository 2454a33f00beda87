"""The clip as HLS (RFC 8216): four heights and the sound alone, below one master playlist.

The tallest is the MP4's own stream, only cut; the others are encoded from it, in one run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from downloads.sample import clip
from downloads.sample.making import SampleNotMade, SampleRecipe, Step

MASTER: Final = "master.m3u8"

_PIECE: Final = 4  # seconds; a whole number of groups of frames
_PIECES: Final = clip.LENGTH // _PIECE
_SOUND_PIECE: Final = 4.05  # the last block of sound ends just after the picture: no fifth piece
_SOUND_CODEC: Final = "mp4a.40.2"
_PIECE_LENGTH: Final = re.compile(r"#EXTINF:([0-9.]+),")


@dataclass(frozen=True, slots=True)
class SampleRung:
    """One variant. ``codecs`` by RFC 6381, as the steps below request; ``size`` None for audio."""

    name: str
    codecs: str
    size: tuple[int, int] | None = None
    quality: str = ""  # x264's -crf; empty: copied

    @property
    def playlist(self) -> str:
        return f"{self.name}.m3u8"

    @property
    def beginning(self) -> str:
        return f"{self.name}-init.mp4"

    @property
    def pieces(self) -> tuple[str, ...]:
        return tuple(f"{self.name}-{number}.m4s" for number in range(_PIECES))


_MADE: Final = (
    SampleRung("720p", f"avc1.64001f,{_SOUND_CODEC}", (1280, 720), "21"),
    SampleRung("480p", f"avc1.64001f,{_SOUND_CODEC}", (854, 480), "22"),
    SampleRung("360p", f"avc1.64001f,{_SOUND_CODEC}", (640, 360), "23"),
)
_COPIED: Final = (
    SampleRung("1080p", f"avc1.640028,{_SOUND_CODEC}", (clip.WIDTH, clip.HEIGHT)),
    SampleRung("audio", _SOUND_CODEC),
)
RUNGS: Final = (_COPIED[0], *_MADE, _COPIED[1])  # the tallest first


def _packaged(rung: SampleRung) -> Step:
    length = _PIECE if rung.size else _SOUND_PIECE
    return (
        "-c:a", "copy", "-f", "hls", "-hls_time", str(length), "-hls_playlist_type", "vod",
        "-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", rung.beginning,
        "-hls_segment_filename", f"{rung.name}-%d.m4s", "-hls_flags", "independent_segments",
        "-fflags", "+bitexact", "-flags", "+bitexact", rung.playlist,
    )  # fmt: skip


def _copying() -> Step:
    tallest, sound = _COPIED
    return (
        "-map", "0:v", "-map", "0:a", "-c:v", "copy", *_packaged(tallest),
        "-map", "0:a", *_packaged(sound),
    )  # fmt: skip


def _making() -> Step:
    """Return the step that decodes once, then scales and encodes for each rung."""
    outlets = "".join(f"[whole{rung.name}]" for rung in _MADE)
    scaled = [
        f"[whole{rung.name}]scale={width}:{height},setsar=1[{rung.name}]"
        for rung in _MADE
        for width, height in filter(None, [rung.size])
    ]
    step = ["-filter_complex", ";".join([f"[0:v]split={len(_MADE)}{outlets}", *scaled])]
    for rung in _MADE:
        step += ["-map", f"[{rung.name}]", "-map", "0:a", "-c:v", "libx264"]
        step += ["-preset", "veryfast", "-crf", rung.quality, "-g", str(clip.GROUP)]
        step += ["-sc_threshold", "0", "-profile:v", "high", "-level:v", "3.1"]
        step += _packaged(rung)
    return tuple(step)


def _write_master(folder: Path) -> None:
    (folder / MASTER).write_text(master(folder))


def master(folder: Path) -> str:
    """Return the master playlist of the rungs in ``folder``, with measured rates.

    Raises SampleNotMade if a rung is not cut as expected.
    """
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for rung in RUNGS:
        peak, average = _rates(rung, folder)
        facts = [f"BANDWIDTH={peak}", f"AVERAGE-BANDWIDTH={average}", f'CODECS="{rung.codecs}"']
        if rung.size is not None:
            width, height = rung.size
            facts += [f"RESOLUTION={width}x{height}", f"FRAME-RATE={clip.RATE:.3f}"]
        lines += [f"#EXT-X-STREAM-INF:{','.join(facts)}", rung.playlist]
    return "\n".join([*lines, ""])


def _rates(rung: SampleRung, folder: Path) -> tuple[int, int]:
    """Return peak and average bits a second (RFC 8216, section 4.3.4.2)."""
    playlist = (folder / rung.playlist).read_text()
    lengths = [float(length) for length in _PIECE_LENGTH.findall(playlist)]
    if len(lengths) != _PIECES:
        raise SampleNotMade(f"ffmpeg has cut {rung.name} into {len(lengths)} pieces, not {_PIECES}")
    sizes = [(folder / piece).stat().st_size for piece in rung.pieces]
    peak = max(8 * size / length for size, length in zip(sizes, lengths, strict=True))
    total = sum(sizes) + (folder / rung.beginning).stat().st_size
    average = 8 * total / sum(lengths)
    return round(max(peak, average)), round(average)


LADDER: Final = SampleRecipe(
    name="ladder",
    source=clip.FOLDER / clip.VIDEO,
    steps=(_copying(), _making()),
    files=(
        MASTER,
        *(name for rung in RUNGS for name in (rung.playlist, rung.beginning, *rung.pieces)),
    ),
    finish=_write_master,
)
