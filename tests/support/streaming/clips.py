"""The source clips: a counting test picture and a tone that rises, so that order shows."""

from __future__ import annotations

from pathlib import Path

from tests.support.streaming.workshop import Workshop, ffmpeg

SECONDS = 6
RATE = 12  # frames a second, and one key frame a second
SAMPLES = 44_100
WIDTHS = {1080: 1920, 720: 1280, 480: 854, 360: 640, 180: 320}

_H264 = (
    "-c:v", "libx264", "-preset", "ultrafast", "-crf", "38", "-pix_fmt", "yuv420p",
    "-g", str(RATE), "-keyint_min", str(RATE), "-sc_threshold", "0", "-threads", "1",
)  # fmt: skip
_AAC = ("-c:a", "aac", "-b:a", "64k")
_VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "150k",
        "-g", str(RATE), "-threads", "1")  # fmt: skip


def picture(height: int, seconds: float = SECONDS, kind: str = "testsrc") -> tuple[str, ...]:
    size = f"{WIDTHS[height]}x{height}"
    return ("-f", "lavfi", "-i", f"{kind}=size={size}:rate={RATE}:duration={seconds}")


def tone(lowest: int = 220, seconds: float = SECONDS) -> tuple[str, ...]:
    """Rises from ``lowest`` Hz by 40 Hz a second."""
    wave = f"sin(2*PI*({lowest}+20*t)*t)"
    return ("-f", "lavfi", "-i", f"aevalsrc={wave}:s={SAMPLES}:d={seconds}")


class Clips:
    """Each method answers the path of a file, made when first asked for."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop

    def video(self, height: int) -> Path:
        """H.264 and AAC in MP4, 6 s."""
        return self._made(
            f"clip{height}", "clip.mp4", *picture(height), *tone(), *_H264, *_AAC, "-shortest"
        )

    def other(self, height: int) -> Path:
        """Another picture, tone and encoding, 3 s: what an advertisement in a film is."""
        return self._made(
            f"other{height}",
            "clip.mp4",
            *picture(height, 3, "testsrc2"),
            *tone(880, 3),
            *_H264,
            *("-profile:v", "high", "-bf", "0", "-crf", "30", "-coder", "1"),
            *_AAC,
            "-shortest",
        )

    def dubbed(self) -> Path:
        """The sound of another language: AAC in MP4, 6 s."""
        return self._made("dubbed", "dubbed.m4a", *tone(440), *_AAC)

    def webm(self, height: int = 180) -> Path:
        """VP9 and Opus."""
        sound = ("-c:a", "libopus", "-b:a", "48k")
        return self._made(f"webm{height}", "clip.webm", *picture(height), *tone(), *_VP9, *sound)

    def mp3(self) -> Path:
        return self._made("mp3", "clip.mp3", *tone(), "-c:a", "libmp3lame", "-b:a", "64k")

    def _made(self, name: str, file: str, *told: str) -> Path:
        return self._shop.made(name, lambda folder: ffmpeg(*told, file, cwd=folder)) / file
