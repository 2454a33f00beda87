"""The restrictions of the kernel that the jail of yt-dlp and ffmpeg has here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from downloads.doctor.finding import Finding, ok, warn
from downloads.engine.sandbox.landlock import NETWORK_ABI
from downloads.engine.sandbox.support import Support, support

FIX: Final = (
    "Run workers on Linux 6.7 or newer, x86_64 or arm64, with Landlock enabled (lsm=landlock,...),"
    " and allow Landlock, seccomp and user namespaces in the container."
)


def probe() -> Iterator[Finding]:
    yield from judge(support())


def judge(found: Support) -> Iterator[Finding]:
    """Yield the findings of what a kernel offers. Pure."""
    if found.landlock >= NETWORK_ABI:
        yield ok("landlock", f"Landlock (version {found.landlock}) confines files and TCP.")
    elif found.landlock:
        yield warn("landlock", f"Landlock (version {found.landlock}) confines files alone.", FIX)
    else:
        yield warn(
            "landlock", "There is no Landlock: a jailed program can read Ferry's files.", FIX
        )
    if found.seccomp:
        yield ok("seccomp", "seccomp confines system calls.")
    else:
        yield warn("seccomp", "There is no seccomp: rare system calls and UDP stay open.", FIX)
    if found.network:
        yield ok("namespaces", "A jailed program reaches the egress proxy alone.")
    else:
        yield warn(
            "namespaces",
            "There are neither network namespaces nor seccomp's notification: a jailed program can"
            " connect past the egress proxy.",
            FIX,
        )
