from __future__ import annotations

import shutil
from typing import Any

import pytest

from downloads import conf
from tests.support.origins import reachable_origin as origin
from tests.support.streaming.fixtures import media, streaming
from tests.support.streaming.media import Media
from tests.support.streaming.origin import StreamingOrigin

__all__ = ["media", "origin", "streaming"]


@pytest.fixture(autouse=True)
def _no_parts() -> None:
    """Nothing that an earlier test left unfinished."""
    shutil.rmtree(conf.work_dir(), ignore_errors=True)


@pytest.fixture
def films(media: Media, streaming: StreamingOrigin, settings: Any) -> StreamingOrigin:
    """The streaming media's origin, on loopback, that fetching may reach."""
    settings.FETCH_ALLOWED_NETWORKS = "127.0.0.0/8"
    return streaming
