"""Two hosts share a database, a Redis and a bucket; one of them is cut off, in turn, from the
database for 110 s, and from Redis, the storage and everything for 40 s each."""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.faults.hosts import network, services
from tests.faults.hosts.network import DATABASE, EVERYTHING, REDIS, SOURCE, STORAGE, Host
from tests.support.content import MIB, content, sha256
from tests.support.file import File
from tests.support.origin import Origin
from tests.support.stack import Person, Stack, until

CUTS: Final = {
    "the database": (DATABASE, 110.0),
    "Redis": (REDIS, 40.0),
    "the storage": (STORAGE, 40.0),
    "everything": (EVERYTHING, 40.0),
}
DOWNLOADS: Final = 4
SLOTS: Final = 4  # of each host: the other one can take over all of them
SIZE: Final = 12 * MIB
RATE: Final = MIB // 128  # bytes a second of each connection: none ends while a host is cut off
BEATS_WITHIN: Final = 5.0  # seconds of the heal
WATCHED: Final = 20.0  # seconds after the heartbeat is back in which no lease may be lost
CLEARED_WITHIN: Final = 60.0  # seconds of the end of the last download


@dataclass(frozen=True, slots=True)
class Site:
    """Two hosts, the people's side of it, and what it all keeps."""

    hosts: dict[str, tuple[Host, Stack]]  # by name
    alice: Person
    origin: Origin
    database: Path

    def ask(self, question: str) -> Any:
        return services.ask(self.database, question)


def main() -> None:
    network.begin()
    with tempfile.TemporaryDirectory() as here, ExitStack() as ends:
        folder = Path(here)
        folder.chmod(0o755)
        (folder / "pg").mkdir()
        url = ends.enter_context(services.postgresql(folder / "pg"))
        variables = {
            "REDIS_URL": ends.enter_context(services.redis_server(folder / "redis")),
            **ends.enter_context(services.s3_server(folder / "s3")),
            "SECRET_KEY": secrets.token_urlsafe(48),
            "FETCH_ALLOWED_NETWORKS": f"{SOURCE}/32",
            "FETCH_HOST_CONCURRENCY": "8",
            "WORKER_CONCURRENCY": str(SLOTS),
        }
        origin = ends.enter_context(Origin(host=SOURCE))
        web = ends.enter_context(Stack(folder / "web", database_url=url, only="web", **variables))
        hosts = {}
        for number in (1, 2):
            host = ends.enter_context(closing(Host(number)))
            part = Stack(
                folder / host.name,
                database_url=url,
                only="worker,scheduler",
                within=host.within,
                **variables,
            )
            hosts[host.name] = (host, ends.enter_context(part))
        site = Site(hosts, web.person("alice"), origin, folder / "pg")
        for name, (service, seconds) in CUTS.items():
            _play(site, name, service, seconds)


def _play(site: Site, name: str, service: str, seconds: float) -> None:
    asked = _downloads(site, name.replace(" ", "-"))
    of_these = (
        "FROM downloads_transition t JOIN downloads_download d ON d.rendition_id = t.rendition_id"
        f" WHERE d.id IN ({', '.join(repr(pk) for pk in asked)}) AND t.event ="
    )
    at_work = f"SELECT split_part(t.worker, ':', 1) AS host {of_these} 'started'"
    owner = site.ask(f"{at_work} GROUP BY host ORDER BY count(*) DESC LIMIT 1")
    elsewhere = f"SELECT count(*) {of_these} 'started' AND t.worker NOT LIKE '{owner}:%'"
    before = site.ask(elsewhere)
    host, stack = site.hosts[owner]
    with host.cut_off(service):
        time.sleep(seconds)
    print(f"{owner} cut off from {name} for {seconds:.0f} s:", end=" ", flush=True)
    if service in (DATABASE, EVERYTHING):
        _watch(site, stack)
        taken = site.ask(elsewhere) - before
        assert taken > 0, "nothing was taken over"
        print(f"{taken} taken over meanwhile,", end=" ", flush=True)
    for file, _ in asked.values():
        file.rate = None
    for pk, (_, data) in asked.items():
        site.alice.wait_for(pk, "completed", 120)
        answer = site.alice.get(f"downloads/{pk}/file/")
        assert sha256(answer.content) == sha256(data)
    stored = site.ask(f"SELECT count(*) {of_these} 'stored'")
    assert stored == DOWNLOADS, f"{stored} times stored"
    until(lambda: not services.open_uploads(), CLEARED_WITHIN)
    print(f"{DOWNLOADS} of {DOWNLOADS} exact, once, nothing left over", flush=True)


def _downloads(site: Site, name: str) -> dict[str, tuple[File, bytes]]:
    """Ask for downloads; return them once all are under way."""
    asked = {}
    for number in range(DOWNLOADS):
        path, data = f"/{name}-{number}.bin", content(SIZE, 100 * len(name) + number)
        file = site.origin.serve(path, data, rate=RATE)
        asked[site.alice.ask(site.origin.url(path))["id"]] = (file, data)
    until(lambda: all(site.alice.download(pk)["bytesDone"] > 0 for pk in asked), 60)
    return asked


def _watch(site: Site, cut_off: Stack) -> None:
    """Assert that the host's heartbeat is back soon, and that it loses nothing afterwards."""
    healed = time.monotonic()
    pid = cut_off.one("celery").pid
    age = f"SELECT extract(epoch FROM now() - heartbeat_at) FROM downloads_worker WHERE pid = {pid}"
    known = f"SELECT count(*) FROM downloads_worker WHERE pid = {pid}"
    until(lambda: site.ask(known) and site.ask(age) < 3, 60, 0.1)
    back = time.monotonic() - healed
    print(f"heartbeat {back:.1f} s after the heal,", end=" ", flush=True)
    assert back <= BEATS_WITHIN
    leased = "SELECT count(*) FROM downloads_rendition WHERE lease_expires_at > now()"
    until(lambda: site.ask(leased) == DOWNLOADS, 30)
    lost = "SELECT count(*) FROM downloads_transition WHERE event = 'worker_lost'"
    before = site.ask(lost)
    time.sleep(WATCHED)
    assert site.ask(lost) == before, "a lease was lost after the heal"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    main()
