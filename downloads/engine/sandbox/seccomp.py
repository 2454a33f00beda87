"""A seccomp filter of the system calls that the jailed may not make: one small BPF program.

Source: the kernel's Documentation/userspace-api/seccomp_filter.rst. The filter reads 32-bit
words of ``struct seccomp_data``: number, architecture, then six 64-bit arguments (the machines
known here are little-endian, so an argument's low word comes first).
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from downloads.engine.sandbox.syscalls import (
    PR_GET_SECCOMP,
    PR_SET_SECCOMP,
    machine,
    numbers,
    prctl,
    syscall,
)

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06  # BPF_LD|W|ABS, BPF_ALU|AND|K, BPF_RET|K
_EQUAL, _AT_LEAST, _ANY_BIT = 0x15, 0x35, 0x45  # BPF_JMP | JEQ, JGE, JSET | K
_KILL, _ERROR, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_TELL = 0x7FC00000  # SECCOMP_RET_USER_NOTIF: another process answers
_SET_FILTER, _NEW_LISTENER, _GET_SIZES = 1, 8, 3
_SIZES = (80, 24, 64)  # of the structures that connects.py speaks
_TELLS_SINCE = (5, 9)  # the Linux that puts descriptors into the program
_FILTER_MODE = 2
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000  # the other numbering that an x86_64 kernel may know

_WORD = 0xFFFFFFFF
_SOCKET_FLAGS = 0o2000000 | 0o4000  # SOCK_CLOEXEC, SOCK_NONBLOCK
_FAST_OPEN = 0x20000000  # MSG_FASTOPEN connects without Landlock's being asked
_CLONE_THREAD = 0x00010000
_CLONE_NAMESPACES = 0x7E020000  # every CLONE_NEW* flag that clone() takes
# Not from the socket module, which costs the launcher 10 ms.
_AF_UNIX, _AF_INET, _AF_INET6, _SOCK_STREAM, _IPPROTO_TCP = 1, 2, 10, 1, 6


# One group a line, each with why it is refused.
_REFUSED = (
    # other processes of the same user
    "ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp pidfd_getfd "
    "setpriority sched_setparam sched_setscheduler sched_setattr sched_setaffinity ioprio_set "
    "migrate_pages move_pages "
    # a way out of the process group, which is killed as one
    "setpgid setsid "
    # listening, which Landlock does not see without a bind
    "bind listen accept accept4 "
    # what Landlock lets through on files
    "chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat utime utimes futimesat utimensat "
    "setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat "
    "truncate file_setattr name_to_handle_at open_by_handle_at fanotify_init "
    # the names of files that Landlock keeps closed
    "inotify_init inotify_init1 inotify_add_watch "
    # memory that outlives the process, or that its limits do not count
    "shmget shmat shmctl semget semop semctl semtimedop msgget msgsnd msgrcv msgctl mq_open "
    "mq_unlink add_key request_key keyctl "
    # the kernel's wide doors
    "unshare setns mount umount2 pivot_root chroot open_tree open_tree_attr move_mount fsopen "
    "fsconfig fsmount fspick mount_setattr bpf userfaultfd perf_event_open kexec_load "
    "kexec_file_load init_module finit_module delete_module reboot swapon swapoff acct quotactl "
    "quotactl_fd syslog personality capset"
)
# Callers fall back when these do not exist; a filter cannot read clone3's flags.
_ABSENT = "clone3 memfd_create memfd_secret io_uring_setup io_uring_enter io_uring_register"
_SIGNALS = "kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal"
_FORKS = "fork vfork"

_Program = list[bytes]
_Rule = tuple[int, int, tuple[int, ...]]  # argument, mask, values
_STREAM: _Rule = (1, ~_SOCKET_FLAGS & _WORD, (_SOCK_STREAM,))


def available() -> bool:
    """Return if filters can be set, on a machine whose call numbers are known here."""
    if not machine():
        return False
    try:
        prctl(PR_GET_SECCOMP)
        prctl(PR_SET_SECCOMP, _FILTER_MODE, None)
    except OSError as error:
        return error.errno == errno.EFAULT  # it looked for the filter, so it knows filters
    return False


def can_tell() -> bool:
    """Return if another process can answer system calls here (user notification)."""
    sizes = (ctypes.c_uint16 * 3)()
    try:
        syscall("seccomp", _GET_SIZES, 0, ctypes.byref(sizes))
    except OSError:
        return False
    release = os.uname().release.split(".")
    return (int(release[0]), int(release[1])) >= _TELLS_SINCE and tuple(sizes) == _SIZES


def restrict(*, network: bool, notify: bool, pairs: bool, fork: bool, signals: bool) -> int | None:
    """Set the filter, for good. ``network`` allows TCP sockets, ``pairs`` socketpair() too.

    ``signals`` allows kill(2) and the like, if Landlock keeps them inside. ``notify``: each
    connect() waits for the reader of the descriptor that is returned. Needs no_new_privs. Raises
    OSError.
    """
    code = b"".join(
        program(network=network, notify=notify, pairs=pairs, fork=fork, signals=signals)
    )
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    if notify:
        return syscall("seccomp", _SET_FILTER, _NEW_LISTENER, ctypes.c_char_p(header))
    prctl(PR_SET_SECCOMP, _FILTER_MODE, ctypes.c_char_p(header))
    return None


def program(*, network: bool, notify: bool, pairs: bool, fork: bool, signals: bool) -> _Program:
    code = _prologue()
    if notify:
        code += [_op(_EQUAL, numbers()["connect"], 0, 1), _op(_RETURN, _TELL)]
    code += _fail(_REFUSED, errno.EPERM) + _fail(_ABSENT, errno.ENOSYS)
    if not fork:
        code += _fail(_FORKS, errno.EPERM)
    if not signals:
        code += _fail(_SIGNALS, errno.EPERM)
    code += _tcp() if network else _fail("socket", errno.EACCES)
    code += _stream_pairs() if pairs else _fail("socketpair", errno.EACCES)
    code += _by_arguments(fork=fork)
    return [*code, _op(_RETURN, _ALLOW)]


def _prologue() -> _Program:
    """Kill any process that calls by another architecture's numbers, which differ."""
    code = [
        _op(_LOAD, 4),
        _op(_EQUAL, _ARCHITECTURES[machine()], 1, 0),
        _op(_RETURN, _KILL),
        _op(_LOAD, 0),
    ]
    if machine() == "x86_64":
        code += [_op(_AT_LEAST, _X32, 0, 1), _op(_RETURN, _KILL)]
    return code


def _tcp() -> _Program:
    """Allow sockets of protocol 0 or TCP: MPTCP and SCTP are streams too, but unknown to
    Landlock."""
    internet: _Rule = (0, _WORD, (_AF_INET, _AF_INET6))
    code = _only("socket", errno.EACCES, [internet, _STREAM, (2, _WORD, (0, _IPPROTO_TCP))])
    for name, flags in (("sendto", 3), ("sendmsg", 2), ("sendmmsg", 3)):
        code += _without(name, flags, _FAST_OPEN)
    return code


def _stream_pairs() -> _Program:
    """Allow stream pairs, with which event loops wake themselves."""
    # A datagram pair could be connected to others.
    return _only("socketpair", errno.EACCES, [(0, _WORD, (_AF_UNIX,)), _STREAM])


def _by_arguments(*, fork: bool) -> _Program:
    threads: list[_Rule] = [(0, _CLONE_THREAD, (_CLONE_THREAD,))]
    code = _only("prlimit64", errno.EPERM, [(0, _WORD, (0,))])  # its own limits
    if fork:
        return code + _without("clone", 0, _CLONE_NAMESPACES)
    return code + _only("clone", errno.EPERM, threads)


def _fail(calls: str, code: int) -> _Program:
    known = numbers()
    return [
        instruction
        for name in calls.split()
        if name in known
        for instruction in (_op(_EQUAL, known[name], 0, 1), _op(_RETURN, _ERROR | code))
    ]


def _only(name: str, code: int, rules: list[_Rule]) -> _Program:
    """Allow ``name`` only if each (argument, mask, values): ``argument & mask`` is a value."""
    body: _Program = []
    for argument, mask, values in rules:
        body += [_op(_LOAD, 16 + 8 * argument), _op(_AND, mask)]
        left = len(values)
        for value in values:
            body.append(_op(_EQUAL, value, left, 0))  # past the others and the refusal
            left -= 1
        body.append(_op(_RETURN, _ERROR | code))
    return _block(name, body)


def _without(name: str, argument: int, bits: int) -> _Program:
    """Allow ``name`` only if none of these bits is set in the argument."""
    refuse = _op(_RETURN, _ERROR | errno.EPERM)
    return _block(name, [_op(_LOAD, 16 + 8 * argument), _op(_ANY_BIT, bits, 0, 1), refuse])


def _block(name: str, body: _Program) -> _Program:
    body = [*body, _op(_RETURN, _ALLOW)]
    return [_op(_EQUAL, numbers()[name], 0, len(body)), *body]


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)
