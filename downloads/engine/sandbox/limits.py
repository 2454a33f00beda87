"""Resource limits, capabilities and signals that a process sets on itself, on any kernel."""

# No pathlib: the launcher, which imports this, has no time for it.
# ruff: noqa: PTH116, PTH123, PTH208

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

from downloads.engine.sandbox import syscalls
from downloads.engine.sandbox.spec import LaunchSpec

_LAST_CAPABILITY = 63
_NO_ROOT = 0b0011  # SECBIT_NOROOT and its lock: a program of root's is like any other
_THREADS = 512  # of all programs of this user, on top of those that run now
_CAPABILITY_VERSION = 0x20080522


def limit(spec: LaunchSpec) -> None:
    """Set the resource limits of ``spec``. Raises OSError or ValueError if one cannot be set."""
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_CPU, spec.cpu_seconds)
    _set(resource.RLIMIT_FSIZE, spec.file_size)
    _set(resource.RLIMIT_NOFILE, spec.open_files)
    if spec.address_space is not None:
        _set(resource.RLIMIT_AS, spec.address_space)
    if sys.platform == "linux":
        # The kernel counts over the whole user, and not for root: the launcher counts too.
        _set(resource.RLIMIT_NPROC, _running() + _THREADS)
    os.nice(spec.niceness)


def _set(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    # Between the soft and the hard one the program still learns why it ends (SIGXCPU).
    resource.setrlimit(kind, (value, value + 1 if kind == resource.RLIMIT_CPU else value))


def _running() -> int:
    """Return the number of this user's threads now."""
    count = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.stat(f"/proc/{name}").st_uid == os.geteuid():
                    count += len(os.listdir(f"/proc/{name}/task"))
            except OSError:  # it ended meanwhile
                continue
    return count


def set_oom_score() -> None:
    """Have the kernel kill the jailed first when the machine runs out of memory."""
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("800")


def drop_privileges() -> None:
    """Give up root's privileges, for this and every program started later. Raises OSError."""
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1))
    if os.geteuid() != 0:
        return
    try:
        syscalls.prctl(syscalls.PR_SET_SECUREBITS, ctypes.c_ulong(_NO_ROOT))
        for capability in range(_LAST_CAPABILITY + 1):
            syscalls.prctl(syscalls.PR_CAPBSET_DROP, ctypes.c_ulong(capability))
    except OSError:
        pass  # beyond the last one of this kernel; or a root with few, whom no_new_privs holds
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    nothing = (ctypes.c_uint32 * 6)()
    syscalls.syscall("capset", ctypes.byref(header), ctypes.byref(nothing))


def follow(owner: int) -> None:
    """Ask for SIGTERM when the owner's spawner thread ends; become the parent of orphans below."""
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGTERM))
    syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, ctypes.c_ulong(1))
    if os.getppid() != owner:
        raise SystemExit("the owner is gone")


def die_with(parent: int) -> None:
    """Ask for SIGKILL for this process once the thread that forked it is gone."""
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL))
    if os.getppid() != parent:  # it ended before prctl()
        os._exit(1)
