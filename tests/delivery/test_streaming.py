"""The stream of blocks: exact, honest about what is missing, and it lets go of its file."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse

from downloads.delivery.streaming import BLOCK, Blocks, Truncated
from downloads.storage.block_source import LocalFile

CONTENT = os.urandom(3 * BLOCK + 5)

# the view's connection is let go of before the first block
pytestmark = pytest.mark.django_db


@pytest.fixture
def source(tmp_path: Path) -> LocalFile:
    path = tmp_path / "film.mp4"
    path.write_bytes(CONTENT)
    return LocalFile(path.open("rb", buffering=0))


def is_closed(source: LocalFile) -> bool:
    return source._file.closed


async def collect(blocks: AsyncIterator[bytes]) -> list[bytes]:
    return [block async for block in blocks]


@pytest.mark.parametrize(
    ("start", "length"), [(0, len(CONTENT)), (BLOCK - 1, BLOCK + 2), (7, 0), (7, 1)]
)
def test_a_part_in_blocks(source: LocalFile, start: int, length: int) -> None:
    parts = async_to_sync(collect)(aiter(Blocks(source, start, length)))
    assert b"".join(parts) == CONTENT[start : start + length]
    assert max(map(len, parts), default=0) <= BLOCK
    assert is_closed(source)


def test_a_file_that_shrank_does_not_end_the_stream_as_if_whole(source: LocalFile) -> None:
    with pytest.raises(Truncated):
        async_to_sync(collect)(aiter(Blocks(source, 0, len(CONTENT) + 1)))
    assert is_closed(source)


def test_a_client_that_leaves_half_way(source: LocalFile) -> None:
    async def leave() -> None:
        blocks = aiter(Blocks(source, 0, len(CONTENT)))
        await anext(blocks)
        await blocks.aclose()  # type: ignore[attr-defined]

    async_to_sync(leave)()
    assert is_closed(source)


def test_an_answer_that_is_never_sent(source: LocalFile) -> None:
    StreamingHttpResponse(Blocks(source, 0, len(CONTENT))).close()
    assert is_closed(source)
