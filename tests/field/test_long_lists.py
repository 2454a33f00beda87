"""Long lists: twelve hours of two seconds each; links of a thousand characters, each signed.

chandler-stimson/live-stream-downloader#7, TwitchRecover/TwitchRecover#305, minio/minio#17867,
kaltura/nginx-vod-module#1551. Read whole, in bounded memory; here no segment is there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.field.support.clips import Clips
from tests.field.support.expected import fails
from tests.field.support.hls import listing
from tests.field.support.kind import Form, Kind
from tests.support.answers import folder
from tests.support.origin import Origin
from tests.support.request import Handler
from tests.support.shell import ROOT

SIGNED = f"?Policy={'eyJTdGF0ZW1lbnQiOl' * 40}&Signature={'A' * 250}&Key-Pair-Id=APKA"
HOURS = {"/plain.m3u8": 12, "/signed.m3u8": 3, "/most.m3u8": 50}


def site(_: Clips) -> Handler:
    return folder(
        {
            path: listing(
                [(f"s{at}.ts{SIGNED if 'signed' in path else ''}", 2.0)
                 for at in range(hours * 1800)]
            )
            for path, hours in HOURS.items()
        }
    )  # fmt: skip


KIND = Kind(
    "hls",
    site,
    {"nothing there": Form("/plain.m3u8", fails("unavailable", "incomplete", "expired_link"))},
)


@pytest.mark.parametrize("path", HOURS)
def test_probe_tells_the_length(site: Origin, tmp_path: Path, path: str) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "probe", site.url(path), "--json"]
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(tmp_path / "var"),
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["duration"] == pytest.approx(HOURS[path] * 3600, abs=1)
