"""Every service of the compose files, run without containers: their commands, variables, health
checks, order and end, and the main job through them.

    unshare --mount --net python -m tests.compose

The images of others are replaced by the same programs of this machine, so what stays unverified is
that those images have them under these names.
"""

from __future__ import annotations

import re
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests

from tests.compose import files
from tests.compose.files import Service
from tests.compose.machine import Process, prepare
from tests.support.content import MIB, content, sha256
from tests.support.origin import Origin
from tests.support.stack import until

CLUSTER = {
    "SITE": "localhost",
    "SECRET_KEY": "k" * 24 + "ferry" * 8,
    "POSTGRES_PASSWORD": "pass-of-postgres",
    "REDIS_PASSWORD": "pass-of-redis",
    "S3_ACCESS_KEY": "access",
    "S3_SECRET_KEY": "secret-of-s3",
    "DJANGO_SUPERUSER_PASSWORD": "correct horse battery",
}
FOR_TESTS = {"FETCH_ALLOWED_NETWORKS": "127.0.0.0/8", "MIN_FREE_SPACE": "0"}
WITHIN = 10.0  # seconds that anything of Ferry takes to end


def main() -> None:
    began = time.monotonic()
    cluster = files.services("compose.cluster.yaml", CLUSTER)
    single = files.services("compose.yaml", {})
    with tempfile.TemporaryDirectory() as here, Origin() as origin:
        folder = Path(here)
        folder.chmod(0o755)
        data = content(6 * MIB, 3)
        origin.serve("/film.mp4", data)
        counts = [(each.name, each.replicas) for each in (*cluster, *single)]
        addresses = prepare(folder, counts)
        _cluster(cluster, folder, addresses, origin.url("/film.mp4"), sha256(data))
        print(f"compose: the cluster after {time.monotonic() - began:.0f} s", flush=True)
        _single(*single, folder, addresses, origin.url("/film.mp4"), sha256(data))
        print(f"compose: one container after {time.monotonic() - began:.0f} s", flush=True)


def _cluster(
    services: list[Service], folder: Path, addresses: dict[str, list[str]], url: str, digest: str
) -> None:
    running: dict[str, list[Process]] = {}
    with ExitStack() as ends:
        for service in services:
            _wait(service, running)
            also = FOR_TESTS if service.image == files.OURS else {}
            running[service.name] = [
                ends.enter_context(Process(service, folder, address, **also))
                for address in addresses[service.name]
            ]
        for process in running["web"] + running["worker"] + running["scheduler"]:
            process.wait_until_healthy()
        (authority,) = until(lambda: list(folder.rglob("pki/authorities/local/root.crt")))
        admin = Admin(f"https://{CLUSTER['SITE']}", str(authority))
        admin.sign_in(CLUSTER["DJANGO_SUPERUSER_PASSWORD"])
        assert sha256(admin.fetched(url)) == digest
        assert len(list(folder.rglob("s3/ferry/*.mp4"))) == 1
        assert len(admin.get("queue/")["workers"]) == len(running["worker"]) == 3
        _end(running["scheduler"] + running["worker"] + running["web"])


def _wait(service: Service, running: dict[str, list[Process]]) -> None:
    for name, condition in service.waits_for.items():
        for process in running[name]:
            if condition == "service_healthy":
                process.wait_until_healthy()
            elif condition == "service_completed_successfully":
                process.wait_until_done()


def _single(
    service: Service, folder: Path, addresses: dict[str, list[str]], url: str, digest: str
) -> None:
    with Process(service, folder, addresses[service.name][0], **FOR_TESTS) as ferry:
        # as its remark says: `docker compose logs ferry | grep password`
        found = until(lambda: re.search(r"with the password (\S+) ", "\n".join(ferry.lines)), 90)
        ferry.wait_until_healthy()
        admin = Admin(f"http://{addresses[service.name][0]}:8000")
        admin.sign_in(found[1])
        assert sha256(admin.fetched(url)) == digest
        assert list(ferry.place("/data").glob("media/*.mp4"))
        _end([ferry])


def _end(processes: list[Process]) -> None:
    for process in processes:
        assert process.stop() <= min(WITHIN, process.service.grace), process.service.name
        assert process.process.returncode in (0, 143, -15), process.lines[-20:]


class Admin:
    """The first admin, over HTTP as a browser reaches the site."""

    def __init__(self, site: str, authority: str = "") -> None:
        self._site = site
        self._session = requests.Session()
        self._session.verify = authority or True
        self._session.trust_env = False
        until(self._answers, 60)

    def _answers(self) -> bool:
        try:
            return self._session.get(f"{self._site}/healthz", timeout=5).ok
        except (requests.ConnectionError, requests.Timeout):
            return False

    def sign_in(self, password: str) -> None:
        told = self.post("auth/login/", username="admin", password=password)
        self._session.headers["Authorization"] = f"Bearer {told['token']}"

    def get(self, path: str) -> Any:
        answer = self._session.get(f"{self._site}/api/v1/{path}", timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:
        answer = self._session.post(f"{self._site}/api/v1/{path}", json=body, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def fetched(self, url: str) -> bytes:
        pk = self.post("downloads/", url=url)["id"]

        def ended() -> dict[str, Any] | None:
            now = self.get(f"downloads/{pk}/")
            return now if now["status"] not in ("queued", "running") else None

        download = until(ended, 120)
        assert download["status"] == "completed", download
        return self._session.get(f"{self._site}{download['fileUrl']}", timeout=60).content


if __name__ == "__main__":
    main()
