"""Landlock rules: files, TCP ports, signals, abstract sockets of a thread and its children.

Source: the kernel's Documentation/userspace-api/landlock.rst. What Landlock leaves open (UDP,
AF_UNIX, MPTCP, fast open, chmod, utime) the seccomp filter covers.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable

from downloads.engine.sandbox.syscalls import machine, syscall

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_BIND_TCP, _CONNECT_TCP = 1 << 0, 1 << 1
_SCOPE_ABSTRACT_SOCKETS, _SCOPE_SIGNALS = 1 << 0, 1 << 1

_READ = _READ_FILE | _READ_DIR
# No symlinks, pipes or devices: the owner opens what it finds in the job's folder.
_OWN = _READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER | _TRUNCATE
_ON_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE

_RULE_PATH, _RULE_PORT = 1, 2
_VERSION = 1  # LANDLOCK_CREATE_RULESET_VERSION
NETWORK_ABI = 4
SIGNALS_ABI = 6


class _Ruleset(ctypes.Structure):
    _fields_ = [
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    ]


class _Path(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32)]


class _Port(ctypes.Structure):
    _fields_ = [("allowed_access", ctypes.c_uint64), ("port", ctypes.c_uint64)]


def abi() -> int:
    """Return the kernel's Landlock version; 0 if there is none, or it is switched off."""
    if not machine():
        return 0
    try:
        return syscall("landlock_create_ruleset", None, ctypes.c_size_t(0), _VERSION)
    except OSError:
        return 0


def _files(version: int) -> int:
    """Return every right on files that this version can refuse, as a bit mask."""
    count = {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)
    return (1 << count) - 1


def restrict(
    *, read: Iterable[str], run: Iterable[str], own: str, devices: Iterable[str], port: int | None
) -> None:
    """Restrict this thread for good: read these, run these, write ``own``, connect to ``port``.

    Needs no_new_privs. Paths that do not exist are skipped. ``devices`` may be read and written.
    Raises OSError.
    """
    version = abi()
    files = _files(version)
    rules = _Ruleset(
        files,
        _BIND_TCP | _CONNECT_TCP if version >= NETWORK_ABI else 0,
        _SCOPE_ABSTRACT_SOCKETS | _SCOPE_SIGNALS if version >= SIGNALS_ABI else 0,
    )
    size = 8 if version < NETWORK_ABI else 16 if version < SIGNALS_ABI else 24
    ruleset = syscall("landlock_create_ruleset", ctypes.byref(rules), ctypes.c_size_t(size), 0)
    try:
        for paths, access in ((read, _READ), (run, _READ | _EXECUTE), ((own,), _OWN)):
            for path in paths:
                _allow(ruleset, path, access & files)
        for path in devices:
            _allow(ruleset, path, (_READ_FILE | _WRITE_FILE) & files)
        if port is not None and version >= NETWORK_ABI:
            rule = _Port(_CONNECT_TCP, port)
            syscall("landlock_add_rule", ruleset, _RULE_PORT, ctypes.byref(rule), 0)
        syscall("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        found = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(found).st_mode):
            access &= _ON_A_FILE
        rule = _Path(access, found)
        syscall("landlock_add_rule", ruleset, _RULE_PATH, ctypes.byref(rule), 0)
    finally:
        os.close(found)
