"""Small films, cut in every form that a kind needs; each is made once in a run and shared.

All are of 4 s, 25 pictures a second with a key frame each second, 160x90, and a tone: whatever
is cut of one of them holds its very packets.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.streaming.workshop import Workshop, ffmpeg

SECONDS = 4.0
RATE = 25
FRAMES = 100
HEIGHT = 90

H264 = (
    "-c:v", "libx264", "-preset", "ultrafast", "-crf", "40", "-pix_fmt", "yuv420p",
    "-g", str(RATE), "-keyint_min", str(RATE), "-sc_threshold", "0", "-bf", "0", "-threads", "1",
)  # fmt: skip
AAC = ("-c:a", "aac", "-b:a", "48k", "-ac", "2")
FRAGMENTED = "+frag_keyframe+empty_moov+default_base_moof+dash+global_sidx"


@dataclass(frozen=True)
class Pieces:
    """``init`` is empty for what has none. ``seconds[i]`` is the length of ``parts[i]``."""

    parts: tuple[bytes, ...]
    seconds: tuple[float, ...]
    init: bytes = b""

    def __len__(self) -> int:
        return len(self.parts)

    @property
    def length(self) -> float:
        return sum(self.seconds)


class Clips:
    def __init__(self, root: Path) -> None:
        """``root`` may be shared by processes."""
        self.root = root
        self._shop = Workshop(root)

    def film(
        self, seconds: float = SECONDS, size: str = "160x90", *, tone: int = 440, late: float = 0,
        sound: bool = True, more: Sequence[str] = (),
    ) -> Path:  # fmt: skip
        """H.264 and AAC in MP4. ``late``: how much later than the picture the sound begins."""
        name = "-".join(map(str, ("film", seconds, size, tone, late, sound, *more)))
        heard = (*_tone(seconds - late, tone), "-map", "0:v", "-map", "1:a", *AAC)
        begin = ("-itsoffset", str(late)) if late else ()
        told = (*_picture(seconds, size), *(begin + heard if sound else ()), *H264, *more)
        return self._made(name, "film.mp4", *told, "-movflags", "+faststart")

    def track(self, kind: str, seconds: float = SECONDS, *, size: str = "160x90") -> Path:
        """The film's picture ("v") or sound ("a") alone, in MP4."""
        name = f"track-{kind}-{seconds}-{size}"
        return self._made(
            name, "film.mp4", "-i", self.film(seconds, size), "-map", f"0:{kind}", "-c", "copy"
        )

    def sound(self, ext: str, *codec: str, seconds: float = SECONDS) -> Path:
        """A tone alone; ``ext`` decides the container."""
        return self._made(f"sound-{ext}", f"sound.{ext}", *_tone(seconds, 440), *codec)

    def fragmented(self, kind: str, *told: str) -> Path:
        """One track as a DASH file with an index (``sidx``)."""
        return self._made(
            f"fragmented-{kind}", "film.mp4", "-i", self.film(), "-map", f"0:{kind}",
            "-c", "copy", *told, "-movflags", FRAGMENTED,
        )  # fmt: skip

    def webm(self) -> Path:
        """VP9 alone."""
        vp9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "100k")
        return self._made("webm", "film.webm", *_picture(SECONDS, "160x90"), *vp9)

    def clusters(self) -> Pieces:
        """VP9 in WebM, a second each."""

        def make(folder: Path) -> None:
            vp9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "100k")
            ffmpeg(
                *_picture(SECONDS, "160x90"), *vp9, "-g", str(RATE), "-keyint_min", str(RATE),
                "-f", "dash", "-seg_duration", "1", "-dash_segment_type", "webm",
                "-init_seg_name", "init", "-media_seg_name", "p$Number%03d$", "list.mpd",
                cwd=folder,
            )  # fmt: skip

        folder = self._shop.made("clusters", make)
        parts = tuple(path.read_bytes() for path in sorted(folder.glob("p*")))
        return Pieces(parts, (1.0,) * len(parts), (folder / "init").read_bytes())

    def ts(self, film: Path | None = None, *, start: float = 0, each: float = 1) -> Pieces:
        """MPEG-TS of a second each. ``start``: by how much its clock is late, in seconds."""
        offset = ("-output_ts_offset", str(start)) if start else ()
        return self._cut(film or self.film(), f"ts-{start}", each, *offset)

    def cmaf(
        self, film: Path | None = None, *, only: str = "", start: float = 0, each: float = 1
    ) -> Pieces:
        """Fragmented MP4 with an init section; ``only``: "v" or "a"."""
        maps = ("-map", f"0:{only}") if only else ()
        offset = ("-output_ts_offset", str(start)) if start else ()
        told = (*maps, *offset, "-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4")
        return self._cut(film or self.film(), f"cmaf-{only}-{start}", each, *told)

    def packed(self, ext: str, *codec: str) -> Pieces:
        """Sound without a container (RFC 8216, 3.4), a second each."""

        def make(folder: Path) -> None:
            ffmpeg(
                *_tone(SECONDS, 440), *codec, "-f", "segment", "-segment_time", "1",
                "-segment_format", ext, "-segment_format_options",
                "write_xing=0:id3v2_version=0" if ext == "mp3" else "fflags=0",
                "-segment_list", "list.csv", f"p%d.{ext}", cwd=folder,
            )  # fmt: skip

        folder = self._shop.made(f"packed-{ext}", make)
        rows = list(csv.reader((folder / "list.csv").read_text().splitlines()))
        parts = tuple((folder / row[0]).read_bytes() for row in rows)
        return Pieces(parts, tuple(float(row[2]) - float(row[1]) for row in rows))

    def _cut(self, film: Path, form: str, each: float, *told: str) -> Pieces:
        def make(folder: Path) -> None:
            ffmpeg(
                "-i", film, "-c", "copy", *told, "-f", "hls", "-hls_time", str(each),
                "-hls_playlist_type", "vod", "-hls_segment_filename", "p%03d", "list.m3u8",
                cwd=folder,
            )  # fmt: skip

        folder = self._shop.made(f"{film.parent.name}-{form}-{each}", make)
        lines = (folder / "list.m3u8").read_text().splitlines()
        listed = [pair for pair in itertools.pairwise(lines) if pair[0].startswith("#EXTINF:")]
        init = folder / "init.mp4"
        parts: list[bytes] = []
        seconds: list[float] = []
        for tag, name in listed:
            length = float(tag[8:].partition(",")[0])
            if length < each / 10:  # the last frame of sound alone
                parts[-1] += (folder / name).read_bytes()
                seconds[-1] += length
            else:
                parts.append((folder / name).read_bytes())
                seconds.append(length)
        return Pieces(tuple(parts), tuple(seconds), init.read_bytes() if init.exists() else b"")

    def _made(self, name: str, file: str, *told: str | Path) -> Path:
        make: Callable[[Path], object] = lambda folder: ffmpeg(*told, file, cwd=folder)  # noqa: E731
        return self._shop.made(name.replace("/", "_"), make) / file


def _picture(seconds: float, size: str) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"testsrc2=size={size}:rate={RATE}:duration={seconds}")


def _tone(seconds: float, lowest: int) -> tuple[str, ...]:
    """Rises by 40 Hz a second, so that order shows."""
    wave = f"sin(2*PI*({lowest}+20*t)*t)"
    return ("-f", "lavfi", "-i", f"aevalsrc={wave}:s=48000:d={seconds}")
