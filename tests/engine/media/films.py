"""Short films in every codec, on top of those that all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from downloads.engine.media.inputs import Feed
from tests.support.streaming.clips import picture, tone
from tests.support.streaming.media import Media
from tests.support.streaming.workshop import Workshop, ffmpeg

SECONDS = 3.0
FRAGMENTED = ("-movflags", "+frag_keyframe+empty_moov+default_base_moof")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "12")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:pools=1")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-threads", "1")
VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "16", "-threads", "1")
AV1 = ("-c:v", "libsvtav1", "-preset", "13", "-svtav1-params", "lp=1")
CODECS = {"h264": H264, "hevc": HEVC, "vp9": VP9, "vp8": VP8, "av1": AV1}
SOUNDS = {
    "aac": ("-c:a", "aac"),
    "opus": ("-c:a", "libopus"),
    "vorbis": ("-c:a", "libvorbis"),
    "mp3": ("-c:a", "libmp3lame"),
    "flac": ("-c:a", "flac"),
    "ac3": ("-c:a", "ac3"),
    "none": ("-an",),
}


class Films:
    """Each is made when first asked for, 3 s long."""

    def __init__(self, media: Media) -> None:
        self.media = media
        self._shop = Workshop(media.root)

    def film(self, video: str, audio: str, ext: str, *more: str, height: int = 180) -> Path:
        told = [*picture(height, SECONDS), *tone(seconds=SECONDS)]
        told += [*CODECS[video], *SOUNDS[audio], *more]
        return self.made(f"film-{video}-{audio}-{ext}-{height}-{len(more)}", f"film.{ext}", *told)

    def sound(
        self, audio: str, ext: str, *more: str, rate: int = 48_000, channels: int = 1
    ) -> Path:
        told = [*tone(seconds=SECONDS), *SOUNDS[audio], "-ar", str(rate), "-ac", str(channels)]
        return self.made(f"sound-{audio}-{ext}-{rate}-{channels}", f"sound.{ext}", *told, *more)

    def ts(self, *, start: float = 0.0, rate: int = 44_100, height: int = 180) -> Path:
        """H.264 and AAC in MPEG-TS, on a clock that begins at ``start`` seconds."""
        told = [*picture(height, SECONDS), *tone(seconds=SECONDS), *H264, "-c:a", "aac"]
        told += ["-ar", str(rate), "-output_ts_offset", str(start)]
        return self.made(f"ts-{start}-{rate}-{height}", "film.ts", *told)

    def long(self) -> Path:
        """A minute of MPEG-TS in some megabytes."""
        told = [*picture(360, 60, "testsrc2"), *tone(seconds=60), *H264, "-c:a", "aac"]
        return self.made("long", "film.ts", *told)

    def fragmented(self, *, height: int = 180, video: str = "h264", sound: str = "aac") -> Path:
        return self.film(video, sound, "mp4", *FRAGMENTED, height=height)

    def image(self, ext: str) -> Path:
        told = [*picture(360, 1), "-frames:v", "1"]
        return self.made(f"image-{ext}", f"image.{ext}", *told)

    def made(self, name: str, file: str, *told: str) -> Path:
        folder = self._shop.made(f"media-{name}", lambda folder: ffmpeg(*told, file, cwd=folder))
        return folder / file


def blocks(path: Path, size: int = 10_000) -> Iterator[bytes]:
    """Its bytes, with an empty block (nothing yet) now and then."""
    with path.open("rb") as file:
        while block := file.read(size):
            yield block
            yield b""


def feed(*parts: Path) -> Feed:
    return Feed((blocks(part) for part in parts), len(parts))


def endless(path: Path) -> Iterator[bytes]:
    """MPEG-TS over and over: its clock jumps back, which ffmpeg puts up with."""
    while True:
        yield from blocks(path, 188 * 100)
