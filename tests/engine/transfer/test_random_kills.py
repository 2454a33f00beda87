"""A few kills of :mod:`tests.engine.transfer.random_kills`; fifty of each by hand."""

from __future__ import annotations

from pathlib import Path

from tests.engine.transfer import random_kills
from tests.support.length import figure
from tests.support.origin import Origin
from tests.support.s3_server import S3Server

KILLS = figure(2, 8)


def test_into_a_file(origin: Origin, tmp_path: Path) -> None:
    figures = random_kills.local(origin, tmp_path, KILLS, seed=5)
    assert figures.kills == KILLS
    assert figures.refetched <= figures.bound, str(figures)


def test_into_a_bucket(origin: Origin, tmp_path: Path, server: S3Server) -> None:
    figures = random_kills.bucket(origin, tmp_path, server, KILLS, seed=5)
    assert figures.kills == KILLS
    assert figures.refetched <= figures.bound, str(figures)
