"""``kill -9`` at random moments: the same command goes on, to exact bytes, little fetched twice.

In the suite a few kills; by hand as many as wanted, into a file and into a bucket::

    python -m tests.engine.transfer.random_kills 50

Prints for each what was fetched again, the bound, and what is left of unfinished uploads.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.content import MIB, content
from tests.support.origin import Origin
from tests.support.s3_server import BUCKET, S3Server, environment

ROOT = Path(__file__).parents[3]
CONNECTIONS = 4
# What a connection's socket may hold on both sides, and what was asked for beyond a later cut.
BUFFERS = 1 * MIB
PART = 5 * MIB
UPLOADING = 4  # parts on their way out at any moment
INTERVAL = 0.25  # seconds between checkpoints
SLACK = 0.25  # seconds that a flush and a busy machine add to it


@dataclass(frozen=True, slots=True)
class Figures:
    """``refetched`` and ``bound`` in bytes, over all kills; ``files`` came out exact."""

    kills: int
    files: int
    refetched: int
    bound: int

    def __str__(self) -> str:
        each, most = (amount / max(1, self.kills) / MIB for amount in (self.refetched, self.bound))
        return (
            f"{self.kills} kills, {self.files} files exact, fetched twice {each:.2f} MiB a kill "
            f"(bound {most:.2f})"
        )


@dataclass(frozen=True, slots=True)
class Rig:
    """``rate``: bytes per second of each connection. ``lives``: seconds until a kill, from and
    to. ``bound``: bytes that one kill may cost."""

    target: str
    surroundings: dict[str, str]
    size: int
    rate: int
    lives: tuple[float, float]
    bound: int


def kill_until_done(origin: Origin, rig: Rig, kills: int, seed: int, path: Path) -> Figures:
    """Fetch one file after another until so many processes have been killed. ``path`` is where
    the bytes are in the end. Raises AssertionError where they are not exact."""
    chance = random.Random(seed)
    data = content(rig.size, seed)
    origin.serve("/a", data, rate=rig.rate)
    killed = files = 0
    while killed < kills:
        while (code := _run(origin.url("/a"), rig, chance.uniform(*rig.lives))) is None:
            killed += 1
            if killed >= kills:
                code = _run(origin.url("/a"), rig, None)
                break
        assert code == 0, f"exit status {code}"
        assert path.read_bytes() == data, "the bytes differ"
        path.unlink()
        files += 1
    origin.settle()
    return Figures(killed, files, origin.sent - files * rig.size, killed * rig.bound)


def _run(url: str, rig: Rig, lifetime: float | None) -> int | None:
    """The exit status; None where it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "downloads.engine", url, "-o", rig.target,
         "--connections", str(CONNECTIONS)],
        cwd=ROOT,
        env={**os.environ, "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8", **rig.surroundings},
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        return process.wait(120 if lifetime is None else lifetime)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        if lifetime is None:
            raise
        return None


def local(origin: Origin, folder: Path, kills: int, seed: int) -> Figures:
    rate = 5 * MIB
    bound = int((INTERVAL + SLACK) * rate * CONNECTIONS) + CONNECTIONS * BUFFERS
    rig = Rig(str(folder / "film.mp4"), {}, 32 * MIB, rate, (0.05, 1.2), bound)
    figures = kill_until_done(origin, rig, kills, seed, folder / "film.mp4")
    assert not list(folder.iterdir()), "something is left beside the file"
    return figures


def bucket(origin: Origin, folder: Path, server: S3Server, kills: int, seed: int) -> Figures:
    """Bytes in memory are lost with the process: a part per connection, and those on their way."""
    rate = 20 * MIB
    bound = (CONNECTIONS + UPLOADING) * PART + CONNECTIONS * BUFFERS
    surroundings = {**environment(server.endpoint), "XDG_CACHE_HOME": str(folder / "cache")}
    target = f"s3://{BUCKET}/film.mp4"
    rig = Rig(target, surroundings, 64 * MIB, rate, (0.3, 1.6), bound)
    figures = kill_until_done(origin, rig, kills, seed, server.folder / "film.mp4")
    assert server.open_uploads() == [], "an unfinished upload is left"
    assert not list((folder / "cache" / "ferry").iterdir())
    return figures


@contextmanager
def _origin() -> Iterator[Origin]:
    origin = Origin()
    try:
        yield origin
    finally:
        origin.close()


def main(kills: int, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        place = Path(folder) / "local"
        place.mkdir()
        with _origin() as origin:
            print(
                "file:  ", local(origin, place, kills, seed), f"({time.monotonic() - began:.0f} s)"
            )
        server = S3Server(Path(folder) / "s3")
        try:
            began = time.monotonic()
            with _origin() as origin:
                figures = bucket(origin, Path(folder), server, kills, seed)
            print("bucket:", figures, f"({time.monotonic() - began:.0f} s)")
        finally:
            server.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6))
