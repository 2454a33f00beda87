"""``manage.py fetch`` and ``probe`` of what has to be put together."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from downloads.engine.core.listing import Entry, Listing
from downloads.management.commands import probe
from tests.cli.test_fetch import run, start
from tests.support.shell import ROOT
from tests.support.stack import until
from tests.support.streaming.fixtures import media, streaming
from tests.support.streaming.media import SECONDS, Media
from tests.support.streaming.origin import StreamingOrigin
from tests.support.streaming.verify import complaints, facts

__all__ = ["media", "streaming"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(tmp_path / "var"),
        "DATABASE_URL": "postgres://absent@127.0.0.1:1/none",
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
    }


def test_a_film_of_pieces_becomes_a_file(
    media: Media, streaming: StreamingOrigin, environment: dict[str, str], tmp_path: Path
) -> None:
    url = streaming.url(media.hls_separate())
    status, out, err = run(
        environment, "fetch", url, "--quality", "480p", "--json", "-o", "film.mp4", cwd=tmp_path
    )
    assert (status, err) == (0, "")
    lines = [json.loads(line) for line in out.splitlines()]
    assert (lines[0]["event"], lines[-1]["event"]) == ("resolved", "completed")
    shown = [line["progress"] for line in lines if line["event"] == "progress"]
    assert shown == sorted(shown)
    assert all(progress < 100 for progress in shown)
    found = facts(tmp_path / "film.mp4")
    assert (found.height, found.audio_codec) == (360, "aac")
    assert found.duration == pytest.approx(SECONDS, abs=0.1)
    assert not complaints(tmp_path / "film.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mp4", "var"]


def test_interrupted_and_gone_on_with(
    media: Media, streaming: StreamingOrigin, environment: dict[str, str], tmp_path: Path
) -> None:
    url = streaming.url(media.hls_separate())
    streaming.delay = 0.3
    command = ("fetch", url, "-o", "film.mp4", "--connections", "2")
    process = start(environment, *command, cwd=tmp_path)
    until(lambda: sum(streaming.pieces.values()) >= 8, 60)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=15)
    assert process.returncode == 130
    assert err.strip() == "Interrupted. Run the same command again to resume."
    before, streaming.delay = sum(streaming.pieces.values()), 0
    status, _, err = run(environment, *command, cwd=tmp_path)
    assert status == 0, err
    again = sum(streaming.pieces.values()) - before
    assert again <= len(streaming.pieces) - 4, "what was there is not fetched again"
    assert not complaints(tmp_path / "film.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mp4", "var"]


def test_onto_standard_output(
    media: Media, streaming: StreamingOrigin, environment: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", "fetch", streaming.url(media.hls_ts()), "-o", "-"],
        cwd=tmp_path, env=environment, capture_output=True, check=True,
    )  # fmt: skip
    (tmp_path / "film.mp4").write_bytes(done.stdout)
    assert facts(tmp_path / "film.mp4").height == 360
    assert not list((tmp_path / "var" / "work").iterdir())


def test_into_the_storage(
    media: Media, streaming: StreamingOrigin, environment: dict[str, str], tmp_path: Path
) -> None:
    url = streaming.url(media.dash_template())
    status, out, err = run(environment, "fetch", url, "--storage", cwd=tmp_path)
    assert status == 0, err
    assert facts(tmp_path / "var" / "media" / out.strip()).height == 720


def test_probe_shows_the_ladder(
    media: Media, streaming: StreamingOrigin, environment: dict[str, str], tmp_path: Path
) -> None:
    url = streaming.url(media.hls_master())
    status, out, err = run(environment, "probe", url, cwd=tmp_path)
    assert (status, err) == (0, "")
    rows = [line for line in out.splitlines() if line.startswith(("1080p", "720p", "480p", "360p"))]
    assert len(rows) == 4
    assert all("about " in row and "avc1" in row for row in rows)
    assert "1920x1080 12 fps" in rows[0]
    told = json.loads(run(environment, "probe", url, "--json", cwd=tmp_path)[1])
    assert [one["quality"] for one in told["qualities"]][:4] == ["1080p", "720p", "480p", "360p"]
    assert {"title", "duration", "thumbnailUrl"} < set(told)
    assert told["title"] == "hls master"


def test_probe_shows_what_a_playlist_holds() -> None:
    listing = Listing(
        identity="site:list",
        title="Harbours",
        entries=(Entry("https://media.example/1", "[red]First\x1b[2J", 61.0),),
        more=True,
    )
    shown = probe._shown(listing, colour=False)
    assert "Harbours" in shown
    assert "[red]First" in shown
    assert "1:01" in shown
    assert "\x1b" not in shown
    assert "There are more entries." in shown
