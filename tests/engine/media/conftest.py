from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from downloads.engine.core.media import Source
from downloads.engine.media.config import MediaConfig, find_ffmpeg
from downloads.engine.media.inputs import MediaInput
from downloads.engine.media.inspect import MediaFacts
from downloads.engine.media.mux import MuxRequest, mux
from downloads.engine.media.recipe import Recipe
from tests.engine.media.films import Films
from tests.support.small_disk import small_disk
from tests.support.streaming.fixtures import media
from tests.support.streaming.media import Media

__all__ = ["media", "small_disk"]

Make = Callable[..., tuple[MediaFacts, Path]]


@pytest.fixture(scope="session", autouse=True)
def _redis_for_all() -> None:
    """Media needs none."""


@pytest.fixture(scope="session")
def films(media: Media) -> Films:
    return Films(media)


@pytest.fixture(scope="session")
def config() -> MediaConfig:
    return MediaConfig(find_ffmpeg(), threads=1, timeout=60, stall=30)


@pytest.fixture
def work_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "job"
    folder.mkdir()
    return folder


@pytest.fixture
def make(work_dir: Path, config: MediaConfig) -> Iterator[Make]:
    """Mux to ``made.<ext>``; whatever comes of it, nothing unfinished is left."""

    def run(
        inputs: Sequence[MediaInput], ext: str = "mp4", *, video: bool = True, **told: object
    ) -> tuple[MediaFacts, Path]:
        output = work_dir / f"made.{ext}"
        around = {
            name: told.pop(name) for name in ("config", "stop", "on_progress") if name in told
        }
        request: dict[str, object] = {
            "recipe": Recipe(ext, video=video),
            "facts": Source("test:1", "A film", ()),
        }
        wanted = MuxRequest(inputs, **(request | told))  # type: ignore[arg-type]
        return mux(wanted, output, **({"config": config} | around)), output  # type: ignore[arg-type]

    yield run
    assert not (work_dir / "mux").exists()
