"""The jail restrictions that this machine's kernel offers, and the gaps that are left."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from downloads.engine.sandbox import landlock, seccomp


@dataclass(frozen=True, slots=True)
class Support:
    """The restrictions on offer. ``landlock`` is its ABI version; 0 means none."""

    landlock: int
    seccomp: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the actions that stay open to a program taken over inside the jail."""
        found = []
        if self.landlock == 0:
            found.append("read and write Ferry's own files (no Landlock)")
        if self.landlock < landlock.NETWORK_ABI:
            found.append("connect past the egress proxy (no Landlock for TCP)")
        if not self.seccomp:
            found.append("open UDP and local sockets, and use rare system calls (no seccomp)")
        if self.landlock < landlock.SIGNALS_ABI and not self.seccomp:
            found.append("send signals to Ferry's processes (no Landlock for signals)")
        return tuple(found)


@functools.cache
def support() -> Support:
    return Support(landlock=landlock.abi(), seccomp=seccomp.available())
