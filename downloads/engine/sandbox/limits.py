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
_NOBODY = 65534  # as every Linux has it
_DAC_OVERRIDE = 1
_PASS_MODES = 1 << _DAC_OVERRIDE
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
        # The kernel counts over the whole user: the launcher counts those of the jail.
        _set(resource.RLIMIT_NPROC, _running(os.geteuid() or _NOBODY) + _THREADS)
    os.nice(spec.niceness)


def _set(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    # Between the soft and the hard one the program still learns why it ends (SIGXCPU).
    resource.setrlimit(kind, (value, value + 1 if kind == resource.RLIMIT_CPU else value))


def _running(user: int) -> int:
    """Return the number of a user's threads now."""
    count = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.stat(f"/proc/{name}").st_uid == user:
                    count += len(os.listdir(f"/proc/{name}/task"))
            except OSError:  # it ended meanwhile
                continue
    return count


def set_oom_score() -> None:
    """Have the kernel kill the jailed first when the machine runs out of memory."""
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("800")


def drop_privileges(*, confined: bool) -> None:
    """Give up root and its privileges, for this and every program started later. Raises OSError.

    Root becomes nobody. ``confined``: Landlock comes next, so that the files it allows are all
    there is: nobody may then pass their modes, for they are root's. Without Landlock that right
    would open every file: the program stays root's, without any privilege.
    """
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1))
    if os.geteuid() != 0:
        return
    _make_inheritable(_PASS_MODES if confined else 0)
    try:
        syscalls.prctl(syscalls.PR_SET_SECUREBITS, ctypes.c_ulong(_NO_ROOT))
        for number in range(_LAST_CAPABILITY + 1):
            syscalls.prctl(syscalls.PR_CAPBSET_DROP, ctypes.c_ulong(number))
    except OSError:
        pass  # beyond the last one of this kernel; or a root with few, whom no_new_privs holds
    if not (confined and _become_nobody()):
        _set_capabilities([0] * 6)


def _become_nobody() -> bool:
    """Return if that could be: a container's root may lack the rights to."""
    try:
        syscalls.prctl(syscalls.PR_SET_KEEPCAPS, ctypes.c_ulong(1))
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
        _set_capabilities([_PASS_MODES] * 3 + [0] * 3)
        raise_one = (ctypes.c_ulong(syscalls.PR_CAP_AMBIENT_RAISE), ctypes.c_ulong(_DAC_OVERRIDE))
        syscalls.prctl(syscalls.PR_CAP_AMBIENT, *raise_one)  # for what is executed next
    except OSError:
        if os.geteuid() != 0:
            raise  # nobody, who could not open its files
        return False
    return True


def _make_inheritable(capabilities: int) -> None:
    """Set the inheritable ones, which can be but some of the bounding ones: before those go."""
    words = (ctypes.c_uint32 * 6)()
    syscalls.syscall("capget", ctypes.byref(_header()), ctypes.byref(words))
    effective, permitted, _, *high = words
    try:
        _set_capabilities([effective, permitted, capabilities, high[0], high[1], 0])
    except OSError:
        pass  # it has not that one itself; becoming nobody will fail too


def _set_capabilities(words: list[int]) -> None:
    """Set effective, permitted and inheritable capabilities: the low words, then the high ones."""
    data = (ctypes.c_uint32 * 6)(*words)
    syscalls.syscall("capset", ctypes.byref(_header()), ctypes.byref(data))


def _header() -> ctypes.Array[ctypes.c_uint32]:
    return (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)


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
