"""The process between the owner and the jailed program; run by itself, never imported.

It confines its child *before* the program begins (in a process of its own: ``preexec_fn`` would
run Python between fork and exec of a process with threads). It stays outside the restrictions,
so that the jailed cannot touch it, and kills all that they are once the program or the owner
ends: PDEATHSIG reaches children, but not grandchildren.
"""

# No pathlib: it would double the time that this takes to start.
# ruff: noqa: PTH100, PTH118

from __future__ import annotations

import os
import select
import signal
import sys
import time

# Started with -I -S: nothing of the environment or the current folder is on the path.
sys.path.insert(0, os.path.abspath(os.path.join(__file__, *[os.pardir] * 4)))

from downloads.engine.sandbox import landlock, limits, seccomp, tree
from downloads.engine.sandbox.spec import ExitReport, LaunchSpec

_LOOK = 0.1  # seconds between two looks at the jail's memory and processes
_REAP = 3.0  # seconds to wait for what was killed
_LINUX = sys.platform == "linux"


class _Wakeup:
    """Turns SIGCHLD, and the SIGTERM that comes when the owner dies, into a readable pipe."""

    def __init__(self) -> None:
        self.told_to_end = False
        self.pipe, write = os.pipe()
        os.set_blocking(self.pipe, False)
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._end)

    def _end(self, *_: object) -> None:
        self.told_to_end = True

    def drain(self) -> None:
        try:
            os.read(self.pipe, 4096)
        except BlockingIOError:
            pass  # the other descriptor was the ready one


def main() -> None:
    control = int(sys.argv[1])
    os.set_inheritable(control, False)
    spec = LaunchSpec.from_line(_read_line(control))
    wakeup = _Wakeup()
    if _LINUX:
        limits.follow(spec.owner)
    group, failure = _start(spec)
    if failure:
        _tell(control, ExitReport(failure=failure))
    else:
        _tell(control, ExitReport(group=group))
        _let_go_of_pipes()
        limit = _watch(spec, control, wakeup, group)
        _tell(control, ExitReport(status=_end(group), limit=limit))
    reap_descendants()


def _read_line(control: int) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        if not (block := os.read(control, 65536)):
            raise SystemExit("the owner is gone")
        line += block
    return line


def _tell(control: int, report: ExitReport) -> None:
    try:
        os.write(control, report.to_line())
    except OSError:
        pass  # the owner is gone, and what follows is the same


def _start(spec: LaunchSpec) -> tuple[int, str]:
    """The confined program's process and group, or why it could not be started."""
    told, tell = os.pipe()  # closed by a successful exec
    launcher = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            _become(spec, launcher)
        except BaseException as error:  # noqa: BLE001 - told to the owner, who raises it
            os.write(tell, f"{type(error).__name__}: {error}".encode()[:2000])
        os._exit(126)
    os.close(tell)
    try:
        os.setpgid(pid, pid)  # both sides do: nobody knows who comes first
    except OSError:
        pass  # the child was first, and is another program already
    failure = os.read(told, 2000).decode(errors="replace")
    os.close(told)
    return pid, failure


def _become(spec: LaunchSpec, launcher: int) -> None:
    """Give up everything, then become the program. The order matters: each needs the former."""
    os.setpgid(0, 0)
    os.chdir(spec.own_folder)
    _reset_signals()
    limits.limit(spec)
    if _LINUX:
        limits.set_oom_score()
        limits.drop_privileges()
        limits.die_with(launcher)
    abi = landlock.abi()
    if abi:
        landlock.restrict(
            read=spec.read,
            run=spec.run,
            own=spec.own_folder,
            devices=spec.devices,
            port=spec.proxy_port,
        )
    if seccomp.available():
        seccomp.restrict(
            network=spec.proxy_port is not None,
            pairs=spec.socket_pairs,
            fork=spec.processes > 1,
            signals=abi >= landlock.SIGNALS_ABI,
        )
    os.execve(spec.argv[0], spec.argv, spec.environment)  # noqa: S606


def _reset_signals() -> None:
    """Python ignores some, and what is ignored stays so in the next program."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _let_go_of_pipes() -> None:
    """The program's pipes are its own: their end is to be seen when it ends."""
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)


def _watch(spec: LaunchSpec, control: int, wakeup: _Wakeup, group: int) -> str | None:
    """Until the program has ended or has to; answers with the limit that it broke."""
    while True:
        ready, _, _ = select.select([control, wakeup.pipe], [], [], _LOOK)
        wakeup.drain()
        if control in ready or wakeup.told_to_end or _has_ended(group):
            return None
        used = tree.usage(os.getpid(), group, spec.processes)
        if used.processes > spec.processes:
            return "processes"
        if spec.resident is not None and used.resident > spec.resident:
            return "memory"


def _has_ended(pid: int) -> bool:
    """Without reaping it: until then nobody else can get its number, or its group's."""
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return not tree.alive(pid)
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end(group: int) -> int:
    _kill_group(group)
    _, status = os.waitpid(group, 0)
    return os.waitstatus_to_exitcode(status)


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # macOS says so where only the unreaped are left


def reap_descendants() -> None:
    """Reap what was killed; kill what has left the group, where nothing could prevent that."""
    until = time.monotonic() + _REAP
    while time.monotonic() < until:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            for stray in tree.descendants(os.getpid(), 10_000) if _LINUX else []:
                tree.kill(stray)
            time.sleep(0.005)


if __name__ == "__main__":
    main()
    os._exit(0)  # to take the interpreter apart takes as long as the burial
