"""``python -m downloads.engine``: exit codes, one clear line, and no Django."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.content import MIB, content
from tests.support.origin import Origin
from tests.support.stack import until

ROOT = Path(__file__).parents[3]


def command(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "downloads.engine", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*arguments: str, **environment: str) -> tuple[int, str, str]:
    process = command(*arguments, **environment)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def test_done(origin: Origin, tmp_path: Path) -> None:
    data = content(2 * MIB)
    origin.serve("/a", data)
    target = tmp_path / "a.bin"
    code, out, err = run(
        origin.url("/a"), "-o", str(target), "--allow-network", f"127.0.0.1:{origin.port}"
    )
    assert (code, out, err) == (0, "", "")
    assert target.read_bytes() == data
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.bin"]


def test_the_early_question_is_the_first_request_after_redirects_too(
    origin: Origin, tmp_path: Path
) -> None:
    origin.serve("/a", content(1000))
    origin.serve("/b", b"", redirect="/a")
    code, _, _ = run(origin.url("/b"), "-o", str(tmp_path / "a"), "--allow-network", "127.0.0.0/8")
    assert code == 0
    assert [asked.path for asked in origin.log] == ["/b", "/a"]


def test_a_private_address_is_refused_unless_allowed(origin: Origin, tmp_path: Path) -> None:
    origin.serve("/a", content(10))
    code, _, err = run(
        origin.url("/a"), "-o", str(tmp_path / "a"), FETCH_ALLOWED_NETWORKS="10.0.0.0/8"
    )
    assert code == 1
    assert "(blocked_address)" in err
    assert err.count("\n") == 1
    assert origin.log == []


def test_a_failure_is_one_clear_line(origin: Origin, tmp_path: Path) -> None:
    code, out, err = run(
        origin.url("/missing"), "-o", str(tmp_path / "a"), "--allow-network", "127.0.0.0/8"
    )
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "unavailable" in err
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir()), "no lock is left"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["http://example.com/a"], "--output"),
        (["http://example.com/a", "-o", "s3://bucket/"], "names no object"),
        (["http://example.com/a", "-o", "/"], "is a folder"),
        (["http://example.com/a", "-o", "/no/such/folder/a"], "is not a folder"),
        (["http://example.com/a", "-o", "a", "--connections", "0"], "from 1 to 64"),
        (["http://example.com/a", "-o", "a", "--allow-network", "nonsense"], "nonsense"),
    ],
)
def test_wrong_usage(arguments: list[str], words: str) -> None:
    code, _, err = run(*arguments)
    assert code == 2
    assert words in err
    assert "Traceback" not in err


def test_not_a_url(tmp_path: Path) -> None:
    code, _, err = run("file:///etc/passwd", "-o", str(tmp_path / "a"))
    assert code == 1
    assert "(unsupported_url)" in err


def test_interrupted_keeps_the_partial_and_the_same_command_goes_on(
    origin: Origin, tmp_path: Path
) -> None:
    data = content(8 * MIB)
    file = origin.serve("/a", data, rate=5e5, hold_at=6 * MIB)
    target = tmp_path / "a.bin"
    arguments = [origin.url("/a"), "-o", str(target), "--allow-network", "127.0.0.0/8"]
    process = command(*arguments)
    part = tmp_path / ".a.bin.part.json"
    until(lambda: origin.sent > MIB and part.exists())
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert err.count("\n") == 1
    assert part.exists()
    file.rate = file.hold_at = None
    sent, before = origin.sent, len(origin.log)
    assert run(*arguments)[0] == 0
    assert all(asked.start for asked in origin.log[before:])  # not from zero
    assert target.read_bytes() == data
    assert origin.sent - sent < len(data)


def test_two_commands_do_not_write_one_file(origin: Origin, tmp_path: Path) -> None:
    file = origin.serve("/a", content(4 * MIB), hold_at=MIB)
    arguments = [
        origin.url("/a"), "-o", str(tmp_path / "a"), "--allow-network", "127.0.0.0/8"
    ]  # fmt: skip
    first = command(*arguments)
    while not (tmp_path / ".a.part").exists():
        time.sleep(0.02)
    code, _, err = run(*arguments)
    assert code == 1
    assert "Another download" in err
    file.hold_at = None
    assert first.communicate(timeout=30) == ("", "")
    assert (tmp_path / "a").read_bytes() == content(4 * MIB)


def test_the_engine_imports_no_platform() -> None:
    code = (
        "import sys, downloads.engine.__main__\n"
        "bad = {'django', 'celery', 'channels', 'requests', 'boto3', 'rich'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(bad)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_source_is_asked_before_the_engine_is_loaded() -> None:
    """Modules that the first request does not need are imported while it is answered."""
    code = (
        "import sys, downloads.engine.__main__\n"
        "late = {'downloads.engine.core.media', 'downloads.engine.transfer.engine', 'hashlib'}\n"
        "early = late & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(early)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_memory_does_not_grow_with_the_file(origin: Origin, tmp_path: Path) -> None:
    """Peak RSS of the process for 4 MiB and for 96 MiB. (Not ru_maxrss: that begins with what
    the parent had at the fork.)"""
    if sys.platform != "linux":
        pytest.skip("reads VmHWM of Linux")
    code = (
        "import pathlib, re, sys\n"
        "from downloads.engine.__main__ import main\n"
        "code = main(sys.argv[1:])\n"
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', status)[1])\n"
        "sys.exit(code)"
    )
    peaks = []
    for size in (4, 96):
        origin.serve(f"/{size}", content(size * MIB))
        done = subprocess.run(
            [sys.executable, "-c", code, origin.url(f"/{size}"), "-o", str(tmp_path / "a"),
             "--allow-network", "127.0.0.0/8"],
            cwd=ROOT, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        peaks.append(int(done.stdout) * 1024)
    assert peaks[1] - peaks[0] < 12 * MIB
