"""``manage.py fetch`` begins at once: without Django, and asking nothing twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.cli.test_fetch import run
from tests.cli.test_films import environment
from tests.support.content import content
from tests.support.origin import Origin
from tests.support.stack import ROOT
from tests.support.streaming.fixtures import media, streaming
from tests.support.streaming.media import Media
from tests.support.streaming.origin import StreamingOrigin

__all__ = ["environment", "media", "streaming"]


def test_nothing_large_is_loaded_for_a_file(
    origin: Origin, environment: dict[str, str], tmp_path: Path
) -> None:
    origin.serve("/a.mp4", content(100_000))
    command = [sys.executable, "-X", "importtime", str(ROOT / "manage.py"), "fetch"]
    done = subprocess.run(
        [*command, origin.url("/a.mp4")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "downloads.cli.work" in loaded
    assert not loaded & {
        "django", "celery", "channels", "asyncio", "cryptography", "psycopg", "pydantic",
    }  # fmt: skip


def test_djangos_own_options_are_understood_all_the_same(
    origin: Origin, environment: dict[str, str], tmp_path: Path
) -> None:
    origin.serve("/a.mp4", content(100_000))
    arguments = ("fetch", origin.url("/a.mp4"), "--verbosity", "0", "--no-color")
    status, out, err = run(environment, *arguments, cwd=tmp_path)
    assert (status, out, err) == (0, "a.mp4\n", "")


def test_a_list_that_was_read_to_resolve_is_not_asked_for_again(
    media: Media, streaming: StreamingOrigin, environment: dict[str, str], tmp_path: Path
) -> None:
    url = streaming.url(media.hls_ts())
    assert run(environment, "fetch", url, "-o", "film.mp4", cwd=tmp_path)[0] == 0
    lists = {path: count for path, count in streaming.counts.items() if path.endswith(".m3u8")}
    assert set(lists.values()) == {1}
