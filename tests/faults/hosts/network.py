"""Hosts in network namespaces of their own, and cables that are pulled.

This process stands in the middle, in a namespace of its own too (``unshare -n``), with an address
for each service. Packets of a host that is cut off are dropped: neither end learns of it.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

EVERYTHING = "10.77.0.0/24"
DATABASE, REDIS, STORAGE, SOURCE = (f"10.77.0.{number}" for number in (5, 6, 7, 8))


def run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


def begin() -> None:
    """Set the middle up."""
    run("ip", "link", "set", "lo", "up")
    # The rule of local addresses comes first, and would hide a cut.
    run("ip", "rule", "add", "pref", "100", "lookup", "local")
    run("ip", "rule", "del", "pref", "0")
    for address in (DATABASE, REDIS, STORAGE, SOURCE):
        run("ip", "address", "add", f"{address}/32", "dev", "lo")


class Host:
    """A host with a name of its own and one cable, to the middle."""

    def __init__(self, number: int) -> None:
        self.name = f"host{number}"
        self._holder = subprocess.Popen(
            ["unshare", "-nu", "sh", "-c", f"hostname {self.name}; echo; exec sleep infinity"],
            stdout=subprocess.PIPE,
        )
        assert self._holder.stdout is not None
        self._holder.stdout.readline()  # its namespace is there
        pid = str(self._holder.pid)
        self.within = ("nsenter", "-t", pid, "-n", "-u", "--")
        run("ip", "link", "add", self.name, "type", "veth", "peer", "name", "eth0", "netns", pid)
        run("ip", "address", "add", f"10.77.{number}.1/30", "dev", self.name)
        run("ip", "link", "set", self.name, "up")
        for command in (
            ("link", "set", "lo", "up"),
            ("address", "add", f"10.77.{number}.2/30", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
            ("route", "add", EVERYTHING, "via", f"10.77.{number}.1"),
        ):
            run(*self.within, "ip", *command)

    @contextmanager
    def cut_off(self, service: str) -> Iterator[None]:
        """Drop what the host sends to these addresses while the block runs."""
        rule = ("iif", self.name, "to", service, "blackhole", "pref", "50")
        run("ip", "rule", "add", *rule)
        try:
            yield
        finally:
            run("ip", "rule", "del", *rule)

    def close(self) -> None:
        self._holder.kill()
        self._holder.wait()
