"""The clip that ships with Ferry: one MP4, and a thumbnail; ``media/make.sh`` drew both."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).with_name("media")
VIDEO: Final = "crossing.mp4"
PICTURE: Final = "crossing.jpg"

LENGTH: Final = 16  # seconds
RATE: Final = 24  # frames a second
GROUP: Final = 2 * RATE  # frames from one key frame to the next
WIDTH, HEIGHT = 1920, 1080
