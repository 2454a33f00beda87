"""A process in the middle of a mux, for tests that kill it.

python owner.py WORK_DIR FILM      prints a line once bytes of the film are in the file
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from downloads.engine.core.media import Source
from downloads.engine.core.progress import Progress
from downloads.engine.media.config import MediaConfig, find_ffmpeg
from downloads.engine.media.inputs import Feed, MediaInput
from downloads.engine.media.mux import MuxRequest, mux
from downloads.engine.media.recipe import Recipe


def endless(film: Path) -> Iterator[bytes]:
    while True:
        yield film.read_bytes()
        time.sleep(0.01)


def tell(done: Progress) -> None:
    if done.bytes_done:
        print(done.bytes_done, flush=True)


def main() -> None:
    work_dir, film = Path(sys.argv[1]), Path(sys.argv[2])
    request = MuxRequest(
        [MediaInput(Feed([endless(film)]), container="ts")],
        Recipe("mkv"),
        Source("x:1", "Endless", ()),
    )
    mux(request, work_dir / "made.mkv", MediaConfig(find_ffmpeg()), on_progress=tell)


main()
