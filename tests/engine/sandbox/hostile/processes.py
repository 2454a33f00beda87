"""Other processes, and getting away from its own."""

# As near to the kernel as Python gets, so no pathlib where os has the very call.
# ruff: noqa: PTH123

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

from files import read
from kernel import call, libc


def kill(pid: str) -> str:
    os.kill(int(pid), signal.SIGKILL)
    return "killed"


def stop(pid: str) -> str:
    os.kill(int(pid), signal.SIGSTOP)
    return "stopped"


def kill_through_pidfd(pid: str) -> str:
    signal.pidfd_send_signal(os.pidfd_open(int(pid)), signal.SIGKILL)
    return "killed"


def parent() -> int:
    return os.getppid()


def kill_the_parent() -> str:
    return kill(str(os.getppid()))


def ptrace(pid: str) -> str:
    if libc.ptrace(16, int(pid), None, None) < 0:  # PTRACE_ATTACH
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    libc.ptrace(17, int(pid), None, None)
    return "attached"


def process_vm_readv(pid: str) -> int:
    buffer = ctypes.create_string_buffer(8)
    here = (ctypes.c_uint64 * 2)(ctypes.addressof(buffer), 8)
    there = (ctypes.c_uint64 * 2)(_mapped(pid), 8)
    one, no_flags = ctypes.c_ulong(1), ctypes.c_ulong(0)
    return call("process_vm_readv", int(pid), here, one, there, one, no_flags)


def _mapped(pid: str) -> int:
    """The beginning of its program, where /proc tells; it is somewhere in any case."""
    try:
        return int(Path(f"/proc/{pid}/maps").read_text().split("-")[0], 16)
    except OSError:
        return 0x400000


def environ(pid: str) -> str:
    return read(f"/proc/{pid}/environ")


def memory_of(pid: str) -> str:
    with open(f"/proc/{pid}/mem", "rb") as file:
        return file.read(1).hex()


def limit_another(pid: str) -> str:
    resource.prlimit(int(pid), resource.RLIMIT_NOFILE, (3, 3))
    return "limited"


def slow_another(pid: str) -> str:
    os.setpriority(os.PRIO_PROCESS, int(pid), 19)
    return "slowed"


def pin_another(pid: str) -> str:
    os.sched_setaffinity(int(pid), {0})
    return "pinned"


def raise_own_limit() -> int:
    resource.setrlimit(resource.RLIMIT_NOFILE, (5000, 5000))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def leave_the_group() -> int:
    os.setpgid(0, 0) if os.getpid() != os.getpgid(0) else os.setsid()
    return os.getpgid(0)


def own_session() -> str:
    if os.fork() == 0:
        try:
            os.setsid()
        except OSError as error:
            os._exit(error.errno)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.wait()[1])
    if code:
        raise OSError(code, os.strerror(code))
    return "left"


def fork() -> str:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return "forked"


def vfork() -> str:
    return subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True, text=True).stdout


def thread() -> str:
    import threading

    got: list[str] = []
    worker = threading.Thread(target=lambda: got.append("ran"))
    worker.start()
    worker.join()
    return got[0]


def stay() -> None:
    """Ignore every hint that it is time to go."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    print('{"got": "staying"}', flush=True)
    while True:
        time.sleep(60)


def leave_a_daemon() -> str:
    """Fork twice, and leave the session if that can be done."""
    if os.fork() == 0:
        for leave in (os.setsid, lambda: os.setpgid(0, 0)):
            try:
                leave()
            except OSError:
                pass
        if os.fork() == 0:
            stay()
        os._exit(0)
    os.wait()
    return "left one"


def leave_a_daemon_and_stay() -> None:
    leave_a_daemon()
    stay()
