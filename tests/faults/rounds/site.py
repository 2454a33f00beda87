"""A whole Ferry with its source and its storage, for rounds of faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import requests

from tests.support.database import own_database
from tests.support.files import files_below
from tests.support.host_clock import LIBRARY, HostClock
from tests.support.origin import Origin
from tests.support.s3_server import BUCKET, Door, S3Server, environment
from tests.support.stack import Person, Stack, until

T = TypeVar("T")
PATIENCE = 90.0  # seconds for an answer that is no server's fault, and for a download's end


class ServerError(AssertionError):
    """An answer of 500: no fault excuses that."""


@dataclass(frozen=True)
class Site:
    """``door`` and ``server``: of the bucket, None with a local storage. ``clock``: of the host
    that Ferry runs on, None without libfaketime."""

    stack: Stack
    origin: Origin
    person: Person
    database_url: str
    door: Door | None = None
    server: S3Server | None = None
    clock: HostClock | None = None

    def ask(self, path: str) -> str:
        """Return the id of a download of this path of the origin."""
        url = self.origin.url(path)
        return str(self.patient("POST", "downloads/", json={"url": url})["id"])

    def download(self, pk: str) -> dict[str, Any]:
        return self.patient("GET", f"downloads/{pk}/")

    def act(self, pk: str, action: str) -> dict[str, Any]:
        return self.patient("POST", f"downloads/{pk}/{action}/")

    def patient(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """Return the answer once there is one: a web process that died, or a database that is
        locked, is back in a moment."""

        def answer() -> dict[str, Any] | None:
            try:
                given = self.person.request(method, path, **options)
            except requests.RequestException:
                return None
            if given.status_code == 500:
                raise ServerError(f"{method} {path}: {given.text[:300]}")
            return dict(given.json()) if given.status_code < 500 else None

        return until(answer, PATIENCE, 0.2)

    def refused(self, url: str, codes: str, seconds: float = PATIENCE) -> None:
        """Ask for what must not be had: refused at once, or failed with one of these codes; then
        given up, if it would be tried again."""
        given = self.person.post("downloads/", url=url)
        if given.status_code == 400:
            assert given.json()["errors"][0]["code"] in codes.split(), given.text
            return
        assert given.status_code in (200, 201), given.text
        pk = given.json()["id"]
        told = call_until(lambda: self.download(pk)["errorCode"], seconds)
        assert told is not None, f"{url} is not refused: {self.download(pk)}"
        assert told in codes.split(), f"{url}: {told}"
        self.person.request("DELETE", f"downloads/{pk}/")

    def stored(self) -> list[str]:
        """Return the names of all files in the storage."""
        if self.server is not None:
            return self.server.objects
        work = self.stack.media / ".incoming"
        files = files_below(self.stack.media)
        return sorted(path.name for path in files if work not in path.parents)

    def leftovers(self) -> list[str]:
        code = (
            "from downloads.engine.core.errors import StorageUnavailable\n"
            "from downloads.jobs.leftovers import leftovers\n"
            "try:\n"
            "    print(*(f'{each.kind}: {each.name}' for each in leftovers()), sep='\\n')\n"
            "except StorageUnavailable as error:\n"
            "    print(error)"  # asked again
        )
        return [line for line in self.stack.shell(code).splitlines() if line]


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    """Run one: on SQLite with a local storage, or, if DATABASE_URL names a PostgreSQL, on that with
    a bucket."""
    with ExitStack() as ends:
        url = ends.enter_context(own_database(migrated=True))
        origin = ends.enter_context(Origin())
        told: dict[str, str] = {"LOG_LEVEL": "warning"}  # a line for each request is too much
        door, server = None, None
        if url:
            server = S3Server(folder / "s3")
            ends.callback(server.close)
            door = Door(server)
            ends.callback(door.close)
            told |= {**environment(door.endpoint), "AWS_STORAGE_BUCKET_NAME": BUCKET}
            told |= {"DELIVERY": "proxy"}
        clock = HostClock(folder / "clock") if LIBRARY else None
        if clock is not None:
            told |= clock.variables
        stack = ends.enter_context(Stack(folder / "data", database_url=url, **told))
        yield Site(stack, origin, stack.person("alice"), url, door, server, clock)


def call_until(done: Callable[[], T | None], seconds: float) -> T | None:
    """Return the first true answer, None if none comes in time."""
    try:
        return until(done, seconds, 0.1)
    except AssertionError as error:
        if isinstance(error, ServerError):
            raise
        return None
