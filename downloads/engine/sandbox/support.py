"""The jail restrictions that this machine's kernel offers, and the gaps that are left."""

from __future__ import annotations

import functools
import subprocess
import sys
from dataclasses import dataclass

from downloads.engine.sandbox import landlock, network, seccomp


@dataclass(frozen=True, slots=True)
class Support:
    """The restrictions on offer. ``landlock`` is its ABI version; 0 means none."""

    landlock: int
    seccomp: bool
    network: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the actions that stay open to a program taken over inside the jail."""
        found = []
        if self.landlock == 0:
            found.append("read and write Ferry's own files (no Landlock)")
        if not self.network and self.landlock >= landlock.NETWORK_ABI:
            found.append(
                "connect to the egress proxy's port on other addresses "
                "(neither namespaces nor seccomp's user notification)"
            )
        if not self.network and self.landlock < landlock.NETWORK_ABI:
            found.append("connect past the egress proxy (no namespaces, and no Landlock for TCP)")
        if not self.seccomp:
            found.append("open UDP and local sockets, and use rare system calls (no seccomp)")
        if self.landlock < landlock.SIGNALS_ABI and not self.seccomp:
            found.append("send signals to Ferry's processes (no Landlock for signals)")
        return tuple(found)


@functools.cache
def support() -> Support:
    return Support(
        landlock=landlock.abi(),
        seccomp=seccomp.available(),
        network=_own_network() or seccomp.can_tell(),
    )


def _own_network() -> bool:
    """Return if a program gets a network of its own, as another process finds out: it cannot be
    left again."""
    if sys.platform != "linux":
        return False
    tried = subprocess.run(
        [sys.executable, "-I", "-S", network.__file__], capture_output=True, timeout=60, check=False
    )
    return tried.returncode == 0
