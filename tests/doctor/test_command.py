"""``manage.py doctor`` on a Ferry that runs, and on one that cannot start."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.answers import reply
from tests.support.origin import Origin
from tests.support.shared_stack import stack
from tests.support.shell import ROOT
from tests.support.stack import Stack, clean_environment, until

__all__ = ["stack"]

# What this machine may lack.
LOCAL = {
    "dns",
    "disk_data",
    "disk_data_speed",
    "landlock",
    "seccomp",
    "namespaces",
    "ferry.W005",
    "ytdlp",
}


def doctor(variables: dict[str, str], *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor", *arguments],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


@pytest.mark.stack
def test_a_ferry_that_runs(stack: Stack) -> None:
    until(lambda: stack.admin.get("queue/").json()["workers"])
    with Origin(handle=lambda _: reply(b"not a Ferry", None)) as other:
        _, said = doctor(stack.environment, "--json", "--url", other.url(""))
    findings: list[dict[str, Any]] = json.loads(said)
    assert all(set(finding) == {"id", "state", "text", "fix"} for finding in findings)
    by_id = {finding["id"]: finding for finding in findings}
    wrong = [each for each in findings if each["state"] != "ok" and each["id"] not in LOCAL]
    assert [each["id"] for each in wrong] == ["proxy"], [each["text"] for each in wrong]
    assert "not as this Ferry would" in by_id["proxy"]["text"]
    assert {"port", "redis_policy", "storage_range", "workers", "scheduler"} <= set(by_id)
    secrets = [(stack.data_dir / "secret_key").read_text().strip()]
    secrets.append(str(urlsplit((stack.data_dir / "redis" / "url").read_text()).password))
    assert not any(secret in said for secret in secrets)

    _, said = doctor(stack.environment, "--url", stack.url)
    assert f"ok    proxy: {urlsplit(stack.url).netloc} passes scheme, host and client on." in said
    assert "ok    proxy_websocket: WebSockets are passed on." in said


@pytest.mark.stack
def test_a_ferry_that_cannot_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    status, said = doctor(clean_environment(tmp_path / "file" / "data"), "--json")
    assert status == 1
    (finding,) = json.loads(said)
    assert (finding["id"], finding["state"]) == ("start", "fail")
    assert "DATA_DIR" in finding["text"]
