from __future__ import annotations

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.transfer.sinks.object import ObjectTarget
from downloads.engine.transfer.sinks.s3 import S3Sink
from tests.engine.transfer.harness import Fetcher
from tests.support.s3_server import BUCKET, Door, client


def target(
    endpoint: str, key: str = "some/film.mp4", marker: str = "m1", *, read_timeout: float = 5
) -> ObjectTarget:
    parameters = {
        "ContentType": "video/mp4",
        "ContentDisposition": 'attachment; filename="film.mp4"',
        "CacheControl": "no-transform",
    }
    made = client(endpoint, read_timeout)
    return ObjectTarget(lambda: made, BUCKET, key, parameters, marker)


@pytest.fixture
def to_s3(fetcher: Fetcher, door: Door) -> Fetcher:
    """The fetcher, with a sink behind the door."""
    fetcher.sink = S3Sink(target(door.endpoint), fetcher.stop, cap=2**40)
    return fetcher


@pytest.fixture
def stop() -> StopToken:
    return StopToken()
