"""The clip itself: one MP4, and a picture of it."""

from __future__ import annotations

from typing import Final

from downloads.sample import scene
from downloads.sample.making import SampleRecipe

VIDEO: Final = "crossing.mp4"
PICTURE: Final = "crossing.jpg"
LENGTH: Final = scene.LENGTH

_BEST_MOMENT: Final = "2"  # seconds: the picture is taken there

CLIP: Final = SampleRecipe(
    name="clip",
    steps=(
        (
            "-filter_complex", f"{scene.video()};{scene.sound()}",
            "-map", "[picture]", "-map", "[sound]", "-t", str(scene.LENGTH),
            "-c:v", "libx264", "-preset", "superfast", "-crf", "20",
            "-g", str(scene.GROUP), "-sc_threshold", "0",
            "-profile:v", "high", "-level:v", "4.0",
            "-c:a", "aac", "-b:a", "96k",
            "-movflags", "+faststart", "-fflags", "+bitexact", "-flags", "+bitexact", VIDEO,
        ),
        (
            "-ss", _BEST_MOMENT, "-i", VIDEO,
            "-frames:v", "1", "-vf", "scale=640:-2", "-q:v", "4", PICTURE,
        ),
    ),
    files=(VIDEO, PICTURE),
)  # fmt: skip
