"""The process between the owner and the jailed program; run by itself, never imported."""

# No pathlib: it would double the time that this takes to start.
# ruff: noqa: PTH100, PTH118

from __future__ import annotations

import _socket
import os
import select
import signal
import sys
import time

# Started with -I -S: nothing of the environment or the current folder is on the path.
sys.path.insert(0, os.path.abspath(os.path.join(__file__, *[os.pardir] * 4)))

from downloads.engine.sandbox import connects, landlock, limits, network, seccomp, tree
from downloads.engine.sandbox.spec import ExitReport, LaunchSpec

_POLL = 0.1  # seconds between two checks of the jail's memory and processes
_QUIET = 20  # checks without a change, after which they become rarer
_RARELY = 4.0  # seconds between two checks of a program that rests, and has had no request yet
_USED = 0.5  # seconds, once it had one: what came with that may do anything at any time
_REAP = 3.0  # seconds to wait for killed processes to end
_NO_NETWORK = "no network of its own"
_LINUX = sys.platform == "linux"


class _NoNetwork(Exception):
    """The kernel gives the program no network of its own."""


class _Wakeup:
    """A readable pipe fed by SIGCHLD, and by the SIGTERM that comes when the owner dies."""

    def __init__(self) -> None:
        self.end_requested = False
        self.pipe, write = os.pipe()
        os.set_blocking(self.pipe, False)
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._end)

    def _end(self, *_: object) -> None:
        self.end_requested = True

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
    group, failure, connecting = _start(spec, control)
    if failure:
        _send_report(control, ExitReport(failure=failure))
    else:
        _send_report(control, ExitReport(group=group))
        _release_pipes()
        limit = _watch(spec, control, wakeup, group, connecting)
        status = _end(group)
        tree.take_over(spec.own_folder)
        _send_report(control, ExitReport(status=status, limit=limit))
    reap_descendants()


def _read_line(control: int) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        if not (block := os.read(control, 65536)):
            raise SystemExit("the owner is gone")
        line += block
    return line


def _send_report(control: int, report: ExitReport) -> None:
    try:
        os.write(control, report.to_line())
    except OSError:
        pass  # the owner is gone; the clean-up that follows is the same


def _start(spec: LaunchSpec, control: int) -> tuple[int, str, int | None]:
    """Fork and confine the program. Return its process and group number, the failure, if any, and
    where its connects come to be served, if it has no network of its own."""
    wanted = _LINUX and spec.proxy_port is not None
    group, failure, connecting = _fork(spec, control, own_network=wanted)
    if failure == _NO_NETWORK:  # half inside one, it cannot go on: another without it
        os.waitpid(group, 0)
        group, failure, connecting = _fork(spec, control, own_network=False)
    return group, failure, connecting


def _fork(spec: LaunchSpec, control: int, *, own_network: bool) -> tuple[int, str, int | None]:
    failed, report = os.pipe()  # closed by a successful exec
    ours, theirs = _socket.socketpair()
    launcher = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            if own_network:
                _become(spec, launcher, control, None)
            else:
                _become(spec, launcher, None, theirs)
        except _NoNetwork:
            os.write(report, _NO_NETWORK.encode())
        except BaseException as error:  # noqa: BLE001 - reported to the owner, which raises it
            os.write(report, f"{type(error).__name__}: {error}".encode()[:2000])
        os._exit(126)
    os.close(report)
    theirs.close()
    try:
        os.setpgid(pid, pid)  # both sides do it: either may run first
    except OSError:
        pass  # the child was first, and has already called exec
    failure = os.read(failed, 2000).decode(errors="replace")
    os.close(failed)
    connecting = connects.receive(ours)
    ours.close()
    return pid, failure, connecting


def _become(
    spec: LaunchSpec, launcher: int, control: int | None, channel: _socket.socket | None
) -> None:
    """Give up every right, then exec the program. The order matters: each step needs the one
    before. ``control``: where to send the listener of a network of its own; ``channel``: where to
    send its connects, without one."""
    os.setpgid(0, 0)
    os.chdir(spec.own_folder)
    abi = landlock.abi()
    _reset_signals()
    limits.limit(spec)
    if _LINUX:
        limits.set_oom_score()
        if control is not None:
            _enter_network(spec, control)
        limits.drop_privileges(confined=abi > 0)
        limits.die_with(launcher)
    _confine(spec, abi, channel)
    os.execve(spec.argv[0], spec.argv, spec.environment)  # noqa: S606


def _confine(spec: LaunchSpec, abi: int, channel: _socket.socket | None) -> None:
    """Confine this process to the files, ports and system calls of ``spec``; ``abi`` is
    Landlock's."""
    if abi:
        landlock.restrict(
            read=spec.read,
            run=spec.run,
            own=spec.own_folder,
            devices=spec.devices,
            port=spec.proxy_port,
        )
    networked = spec.proxy_port is not None
    if seccomp.available():
        connecting = seccomp.restrict(
            network=networked,
            notify=networked and channel is not None and seccomp.can_tell(),
            pairs=spec.socket_pairs,
            fork=spec.processes > 1,
            signals=abi >= landlock.SIGNALS_ABI,
        )
        if connecting is not None and channel is not None:
            connects.send(connecting, channel)


def _enter_network(spec: LaunchSpec, control: int) -> None:
    assert spec.proxy_port is not None
    try:
        listener = network.enter(spec.proxy_port)
    except OSError:
        raise _NoNetwork(_NO_NETWORK) from None
    messenger = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, control)
    connects.send(listener.fileno(), messenger, ExitReport(listens=True).to_line())
    messenger.detach()
    listener.close()


def _reset_signals() -> None:
    """Restore default signal handling: what Python ignores would stay ignored after exec."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _release_pipes() -> None:
    """Replace stdin, stdout and stderr by /dev/null."""
    # The program alone may hold its pipes: else the owner would never see their end.
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)


def _watch(
    spec: LaunchSpec, control: int, wakeup: _Wakeup, group: int, connecting: int | None
) -> str | None:
    """Wait until the program has ended or must end. Return the limit that it broke, if any."""
    before = tree.written(spec.own_folder, ())
    awaited = [control, wakeup.pipe, *([] if connecting is None else [connecting])]
    look_at = 0.0
    quiet, used_before, longest = 0, None, _RARELY
    while True:
        ready, _, _ = select.select(awaited, [], [], max(0.0, look_at - time.monotonic()))
        wakeup.drain()
        if control in ready and not _is_held(control):
            return None
        if wakeup.end_requested or _has_ended(group):
            return None
        if connecting in ready and connecting is not None and spec.proxy_port is not None:
            connects.serve_one(connecting, spec.proxy_port)
        if control in ready:  # its owner has a request for it
            quiet, longest = 0, _USED
            look_at = min(look_at, time.monotonic() + _POLL)
        if time.monotonic() < look_at:
            continue
        used = tree.usage(os.getpid(), group, spec.processes)
        quiet = quiet + 1 if used == used_before else 0
        used_before = used
        look_at = time.monotonic() + pause(quiet, longest)
        if used.processes > spec.processes or used.threads > spec.threads:
            return "processes"
        if tree.written(spec.own_folder, used.pids) > before + spec.disk:
            return "disk"
        if spec.resident is not None and used.resident > spec.resident:
            return "memory"


def _is_held(control: int) -> bool:
    """Read what rouses the launcher. Return False if the owner is done, or gone."""
    try:
        return bool(os.read(control, 4096))
    except OSError:  # it was killed with a report unread
        return False


def pause(quiet: int, longest: float) -> float:
    """Return the seconds until the next check, after so many checks without a change; at most
    ``longest``.

    A warm program rests for hours, and ten checks a second cost half a percent of a processor.
    """
    return min(_POLL * 2 ** min(max(quiet - _QUIET, 0), 10), longest)


def _has_ended(pid: int) -> bool:
    """Return if the program has ended, without reaping it."""
    # Until it is reaped no other process can get its number, or its group's.
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
        pass  # macOS says so when only unreaped processes are left


def reap_descendants() -> None:
    """Reap what was killed; kill what has left the group, if nothing could prevent that."""
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
    os._exit(0)  # finalising the interpreter takes as long as the clean-up
