"""``manage.py fetch`` and ``probe``: with no server, no Redis and no database."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.content import MIB, content, sha256
from tests.support.origin import Origin
from tests.support.shell import ROOT
from tests.support.stack import until


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """No secret, no Redis, and a database that cannot be reached."""
    return {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(tmp_path / "var"),
        "DATABASE_URL": "postgres://absent@127.0.0.1:1/none",
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
    }


def start(environment: dict[str, str], *arguments: str, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(environment: dict[str, str], *arguments: str, cwd: Path) -> tuple[int, str, str]:
    process = start(environment, *arguments, cwd=cwd)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_into_this_folder_by_its_title(
    origin: Origin, environment: dict[str, str], tmp_path: Path
) -> None:
    data = content(2 * MIB)
    origin.serve("/My%20clip.mp4", data)
    status, out, err = run(environment, "fetch", origin.url("/My%20clip.mp4"), cwd=tmp_path)
    assert (status, err) == (0, "")
    assert out.strip() == "My clip.mp4"
    assert (tmp_path / "My clip.mp4").read_bytes() == data
    begun = [asked.start for asked in origin.log].count(0)
    assert begun == 1, "what resolving asked is the first segment"


def test_json_lines(origin: Origin, environment: dict[str, str], tmp_path: Path) -> None:
    data = content(2 * MIB)
    origin.serve("/a.mp4", data)
    status, out, _ = run(
        environment, "fetch", origin.url("/a.mp4"), "-o", "b.mp4", "--json", cwd=tmp_path
    )
    lines = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert lines[0] == {"event": "resolved", "title": "a", "size": 2 * MIB}
    assert lines[-1] == {
        "event": "completed", "path": "b.mp4", "size": 2 * MIB, "sha256": sha256(data),
    }  # fmt: skip
    assert {line["event"] for line in lines[1:-1]} <= {"progress"}


def test_onto_standard_output(origin: Origin, environment: dict[str, str], tmp_path: Path) -> None:
    data = content(MIB)
    origin.serve("/a.bin", data)
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "fetch", origin.url("/a.bin"), "-o", "-"],
        cwd=tmp_path, env=environment, capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout == data


def test_into_the_storage(origin: Origin, environment: dict[str, str], tmp_path: Path) -> None:
    data = content(MIB)
    origin.serve("/a.mp4", data)
    status, out, _ = run(environment, "fetch", origin.url("/a.mp4"), "--storage", cwd=tmp_path)
    assert status == 0
    assert (tmp_path / "var" / "media" / out.strip()).read_bytes() == data


def test_a_failure_is_one_clear_line(
    origin: Origin, environment: dict[str, str], tmp_path: Path
) -> None:
    status, out, err = run(environment, "fetch", origin.url("/gone.mp4"), cwd=tmp_path)
    assert (status, out) == (1, "")
    assert err.count("\n") == 1
    assert "(unavailable)" in err


def test_an_address_inside_is_refused(
    origin: Origin, environment: dict[str, str], tmp_path: Path
) -> None:
    del environment["FETCH_ALLOWED_NETWORKS"]
    origin.serve("/a.mp4", content(MIB))
    status, _, err = run(environment, "fetch", origin.url("/a.mp4"), cwd=tmp_path)
    assert status == 1
    assert "(blocked_address)" in err
    assert origin.log == []


@pytest.mark.parametrize("wrong", [["fetch"], ["fetch", "u", "--quality", "9000p"]])
def test_wrong_usage(environment: dict[str, str], tmp_path: Path, wrong: list[str]) -> None:
    status, _, err = run(environment, *wrong, cwd=tmp_path)
    assert status == 2
    assert "Quality" not in err, "the words that may be written, not the names of the program"


def test_interrupted_and_resumed(
    origin: Origin, environment: dict[str, str], tmp_path: Path
) -> None:
    data = content(24 * MIB)
    file = origin.serve("/a.mp4", data, rate=2 * MIB, hold_at=20 * MIB)
    command = ("fetch", origin.url("/a.mp4"), "-o", "a.mp4")
    process = start(environment, *command, cwd=tmp_path)
    until(lambda: origin.sent > 8 * MIB)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=15)
    assert process.returncode == 130
    assert "resume" in err
    kept = json.loads((tmp_path / ".a.mp4.part.json").read_text())
    since, file.hold_at = len(origin.log), None
    file.rate = 8 * MIB  # paced: little is on its way where one is halved
    assert run(environment, *command, cwd=tmp_path)[0] == 0
    assert (tmp_path / "a.mp4").read_bytes() == data
    durable = sum(end - start for start, end in kept["ranges"])
    assert durable > MIB
    # and what was on its way where a segment was halved
    origin.settle()
    assert sum(asked.sent for asked in origin.log[since:]) <= len(data) - durable + MIB
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "var"]


def test_probe_shows_what_is_on_offer(
    origin: Origin, environment: dict[str, str], tmp_path: Path
) -> None:
    origin.serve("/My%20clip.mp4", content(2 * MIB))
    status, out, _ = run(environment, "probe", origin.url("/My%20clip.mp4"), cwd=tmp_path)
    assert status == 0
    assert "My clip" in out
    assert "2.0 MB" in out
    status, out, _ = run(environment, "probe", origin.url("/My%20clip.mp4"), "--json", cwd=tmp_path)
    (quality,) = json.loads(out)["qualities"]
    assert (quality["quality"], quality["ext"], quality["size"]) == ("auto", "mp4", 2 * MIB)
