"""The guide from its database on, in namespaces: bucket, blocks, main job, upgrade."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import requests
import urllib3

from tests.guide.blocks import sections
from tests.guide.machine import Machine
from tests.support.content import MIB, content, sha256
from tests.support.origin import Origin
from tests.support.s3_server import KEY, SECRET, S3Server
from tests.support.shell import ROOT
from tests.support.stack import until

SITE = "ferry.example.org"
BEFORE = ("3. Database and Redis", "4. Settings", "5. Start", "6. nginx", "7. Look")


class Site:
    """The site behind nginx, by its name and over TLS, as its first admin."""

    def __init__(self, password: str) -> None:
        self._session = requests.Session()
        self._session.trust_env = False  # a bundle that it names would be checked all the same
        self._session.verify = False
        self._session.headers["Host"] = SITE
        answer = self.post("auth/login/", username="admin", password=password)
        self._session.headers["Authorization"] = f"Bearer {answer['token']}"

    def post(self, path: str, **body: Any) -> Any:
        answer = self._session.post(f"https://127.0.0.1/api/v1/{path}", json=body, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def get(self, path: str) -> requests.Response:
        answer = self._session.get(f"https://127.0.0.1/api/v1/{path}", timeout=60)
        assert answer.ok, answer.text
        return answer

    def is_up(self) -> bool:
        return self._session.get("https://127.0.0.1/healthz", timeout=5).ok

    def ask(self, url: str) -> str:
        return str(self.post("downloads/", url=url)["id"])

    def file_of(self, pk: str) -> bytes:
        """Wait for the end of the download. Return its file."""

        def ended() -> str | None:
            status = self.get(f"downloads/{pk}/").json()["status"]
            return None if status in ("queued", "running") else status

        assert until(ended, 90) == "completed"
        return self.get(f"downloads/{pk}/file/").content


def main(root: str) -> None:
    urllib3.disable_warnings()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "-t", "proc", "proc", f"{root}/proc"], check=True)  # of these alone
    told = sections((ROOT / "docs" / "bare-machine.md").read_text())
    with tempfile.TemporaryDirectory() as here, Origin() as origin:
        bucket = S3Server(Path(here))
        try:
            _follow(Machine(Path(root), _names(bucket)), told, origin)
        finally:
            bucket.close()


def _names(bucket: S3Server) -> dict[str, str]:
    """Return what is the reader's to replace; the source of this test is a private address."""
    return {
        "https://s3.example.org": bucket.endpoint,
        "=the-key": f"={KEY}",
        "=the-secret": f"={SECRET}",
        "=ferry\nAWS_S3": "=ferry-media\nAWS_S3",
        "DELIVERY=proxy": "DELIVERY=proxy\nFETCH_ALLOWED_NETWORKS=127.0.0.0/8\nMIN_FREE_SPACE=0",
    }


def _follow(machine: Machine, told: dict[str, list[str]], origin: Origin) -> None:
    said = [machine.run(block) for title in BEFORE for block in told[title]]
    (password,) = re.findall(r"with the password (\S+) \(shown", "".join(said))
    assert '"status": "ok"' in said[-1], said[-1]
    site = Site(password)
    first, second = content(12 * MIB, 1), content(64 * MIB, 2)
    origin.serve("/first.mp4", first)
    assert sha256(site.file_of(site.ask(origin.url("/first.mp4")))) == sha256(first)
    backup, restored = (machine.run(block) for block in _backup(told))
    assert "complete." in backup
    assert "Every stored file is in the storage." in restored
    # The upgrade, with a download under way.
    origin.serve("/second.mp4", second, rate=MIB)
    sent = origin.sent
    pk = site.ask(origin.url("/second.mp4"))
    until(lambda: site.get(f"downloads/{pk}/").json()["bytesDone"] > 8 * MIB, 60)
    (upgrade,) = told["9. Upgrade"]
    machine.run(upgrade)
    until(site.is_up, 60)
    assert sha256(site.file_of(pk)) == sha256(second)
    assert origin.sent - sent < 1.5 * len(second), "resumed, not begun again"


def _backup(told: dict[str, list[str]]) -> tuple[str, str]:
    title = next(title for title in told if title.startswith("8."))
    backup, restore = told[title]
    return backup, restore


if __name__ == "__main__":
    main(*sys.argv[1:])
