"""Connections of a jailed program that its launcher makes for it.

For where the kernel, or a container's policy, refuses a network of its own: seccomp hands each
connect(2) to the launcher, which never looks at the address. It connects to the proxy, and puts
that socket in the place of the program's. So it need not read the program's memory, which a
container's root may not, and which the program could change meanwhile. Source: the kernel's
Documentation/userspace-api/seccomp_filter.rst, seccomp_unotify(2).
"""

from __future__ import annotations

import _socket
import fcntl
import os
import struct

_RECEIVE, _ANSWER, _PUT_DESCRIPTOR = 0xC0502100, 0xC0182101, 0x40182103  # SECCOMP_IOCTL_NOTIF_*
_REQUEST = struct.Struct("=QII iIQ 6Q")  # id, pid, flags; number, architecture, place; arguments
_IN_PLACE_OF = 1  # SECCOMP_ADDFD_FLAG_SETFD
_REFUSED = -111  # ECONNREFUSED


def serve_one(listener: int, port: int) -> None:
    """Serve the next connect(2) of the program, which waits: with a connection to the proxy's
    ``port``, or as refused. Never waits: loopback connects at once."""
    request = bytearray(_REQUEST.size)
    try:
        fcntl.ioctl(listener, _RECEIVE, request)
    except OSError:
        return  # it was killed while it waited
    identifier, *_, descriptor = _REQUEST.unpack(request)[:7]
    result = _connect(listener, identifier, descriptor & 0xFFFFFFFF, port)
    answer = struct.pack("=QqiI", identifier, 0, result, 0)
    try:
        fcntl.ioctl(listener, _ANSWER, answer)
    except OSError:
        pass  # it was killed meanwhile


def _connect(listener: int, identifier: int, descriptor: int, port: int) -> int:
    """Return 0, or the error for the program."""
    made = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    try:
        made.connect(("127.0.0.1", port))
        # All that connects in there waits by poll(2), for a limited time: Python's timeouts, deno.
        made.setblocking(False)
        order = (identifier, _IN_PLACE_OF, made.fileno(), descriptor, os.O_CLOEXEC)
        fcntl.ioctl(listener, _PUT_DESCRIPTOR, struct.pack("=QIIII", *order))
    except OSError:
        return _REFUSED
    finally:
        made.close()
    return 0


def send(descriptor: int, channel: _socket.socket, line: bytes = b"\n") -> None:
    """Send a descriptor to the process at the other end. Raises OSError."""
    rights = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, struct.pack("i", descriptor))]
    channel.sendmsg([line], rights)


def receive(channel: _socket.socket) -> int | None:
    """Return the descriptor that was sent on the channel, None if there is none."""
    try:
        _, rights, _, _ = channel.recvmsg(1, _socket.CMSG_LEN(4), _socket.MSG_DONTWAIT)
    except OSError:
        return None
    return struct.unpack("i", rights[0][2])[0] if rights else None
