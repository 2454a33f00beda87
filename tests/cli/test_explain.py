"""``manage.py explain`` and ``fetch -v``: what was asked, answered and decided; never a secret."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_fetch import environment, run
from tests.support.answers import respond
from tests.support.origin import Origin
from tests.support.request import Reply

__all__ = ["environment"]

SECRET = "s3cret-value"
MASTER = f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=900000\nv.m3u8?token={SECRET}\n"
MEDIA = (
    f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="k?sig={SECRET}"\n'
    f"#EXTINF:2,\nhttp://u:{SECRET}@127.0.0.1:1/0.ts?sig={SECRET}\n#EXT-X-ENDLIST\n"
)
BROKEN = "#EXTM3U\n#EXT-X-ENDLIST\n"


def listed(text: str) -> bytes:
    return respond(
        text.encode(), Content_Type="application/vnd.apple.mpegurl", Set_Cookie=f"id={SECRET}"
    )


@pytest.fixture
def site() -> Iterator[Origin]:
    answers: dict[str, bytes | Reply] = {
        f"/m.m3u8?sig={SECRET}": listed(MASTER),
        "/m.m3u8": listed(MASTER),
        f"/v.m3u8?token={SECRET}": listed(MEDIA),
        "/broken.m3u8": listed(BROKEN),
        "/gone.mp4": respond(b"no such film", status="404 Not Found"),
    }
    with Origin(answers) as server:
        yield server


def test_each_step_is_told_and_no_secret(
    site: Origin, environment: dict[str, str], tmp_path: Path
) -> None:
    url = f"http://u:{SECRET}@127.0.0.1:{site.port}/m.m3u8?sig={SECRET}"
    status, out, err = run(environment, "explain", url, "--bundle", "b.zip", cwd=tmp_path)
    assert status == 1, err  # the fragment's address answers no request
    assert "> GET" in out
    assert "resolved by HlsResolver" in out
    assert "1 fragments of ts" in out
    with zipfile.ZipFile(tmp_path / "b.zip") as bundle:
        texts = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert set(texts) == {"report.txt", "report.json", "stream-0.txt", "pasted.txt"}
    assert json.loads(texts["report.json"])["versions"]["yt-dlp"]
    for text in (out, err, *texts.values()):
        assert SECRET not in text


def test_a_link_that_fails_says_the_cause_and_keeps_the_manifest(
    site: Origin, environment: dict[str, str], tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{site.port}/broken.m3u8"
    status, out, _ = run(environment, "explain", url, "--bundle", "b.zip", cwd=tmp_path)
    assert status == 1
    assert "bad_manifest" in out
    with zipfile.ZipFile(tmp_path / "b.zip") as bundle:
        assert bundle.read("pasted.txt").decode() == BROKEN


def test_a_bundle_that_cannot_be_written_is_said(
    site: Origin, environment: dict[str, str], tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{site.port}/m.m3u8"
    status, _, err = run(environment, "explain", url, "--bundle", "no/b.zip", cwd=tmp_path)
    assert status == 1
    assert "The bundle cannot be written to no/b.zip" in err


def test_fetch_shows_the_ladder_that_it_tried(
    site: Origin, environment: dict[str, str], tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{site.port}/gone.mp4"
    status, _, err = run(environment, "fetch", "-v", url, cwd=tmp_path)
    assert status == 1
    assert "> GET http://127.0.0.1" in err
    assert "Range: bytes=0-" in err
    assert "< 404 from 127.0.0.1" in err
    assert "Detail: HTTP 404" in err
