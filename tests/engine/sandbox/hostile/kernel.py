"""System calls that Python has no function for."""

from __future__ import annotations

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)

# x86_64 and aarch64 disagree on the old ones.
_NUMBERS = {
    "x86_64": {"bpf": 321, "keyctl": 250, "perf_event_open": 298, "userfaultfd": 323,
               "process_vm_readv": 310, "memfd_create": 319, "shmget": 29, "msgget": 68,
               "inotify_init1": 294, "inotify_add_watch": 254, "unshare": 272, "mount": 165,
               "clone": 56},
    "aarch64": {"bpf": 280, "keyctl": 219, "perf_event_open": 241, "userfaultfd": 282,
                "process_vm_readv": 270, "memfd_create": 279, "shmget": 194, "msgget": 186,
                "inotify_init1": 26, "inotify_add_watch": 27, "unshare": 97, "mount": 40,
               "clone": 220},
}[os.uname().machine] | {"io_uring_setup": 425, "clone3": 435, "pidfd_getfd": 438}  # fmt: skip


def call(name: str, *arguments: object) -> int:
    result = int(libc.syscall(ctypes.c_long(_NUMBERS[name]), *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
