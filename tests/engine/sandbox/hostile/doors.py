"""The kernel's wide doors."""

# As near to the kernel as Python gets, so no pathlib where os has the very call.
# ruff: noqa: PTH109

from __future__ import annotations

import ctypes
import mmap
import os
import signal

from kernel import call, libc


def new_user_namespace() -> int:
    return call("unshare", 0x10000000)


def clone_into_a_namespace() -> int:
    pid = call("clone", ctypes.c_ulong(0x10000000 | signal.SIGCHLD), None, None, None, None)
    if pid == 0:
        os._exit(0)
    return pid


def clone3() -> int:
    return call("clone3", None, ctypes.c_size_t(0))


def mount() -> int:
    return call("mount", b"none", os.getcwd().encode(), b"tmpfs", ctypes.c_ulong(0), None)


def bpf() -> int:
    return call("bpf", 0, None, 0)


def keyctl() -> int:
    return call("keyctl", 0, -3, 1)


def perf_event_open() -> int:
    return call("perf_event_open", None, 0, -1, -1, ctypes.c_ulong(0))


def userfaultfd() -> int:
    return call("userfaultfd", 1)


def io_uring() -> int:
    return call("io_uring_setup", 1, ctypes.create_string_buffer(120))


def memfd() -> int:
    return call("memfd_create", b"hostile", 0)


def shared_memory() -> int:
    return call("shmget", 0, ctypes.c_size_t(4096), 0o1600)


def message_queue() -> int:
    return call("msgget", 0, 0o1600)


def other_architecture() -> str:
    """``getpid`` by int 0x80, the 32-bit door of x86_64."""
    code = bytes.fromhex("b814000000cd80c3")
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return f"pid {ctypes.CFUNCTYPE(ctypes.c_int)(address)()}"


def x32() -> int:
    return int(libc.syscall(ctypes.c_long(0x40000000 + 39)))


def identity() -> tuple[list[int], list[int], list[int]]:
    """Users and groups, capabilities and bounding set of this process; /proc is closed."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)()
    libc.capget(header, data)
    bounding = [number for number in range(41) if libc.prctl(23, number, 0, 0, 0) == 1]
    return [*os.getresuid(), *os.getresgid(), *os.getgroups()], [*data], bounding
