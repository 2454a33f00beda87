"""A network of the jailed program's own: nothing is in it but a listener for its owner.

Landlock knows ports, not addresses: with it alone the proxy's port may be reached on every address
of the machine. In an empty network namespace no other address is there. Source:
network_namespaces(7), user_namespaces(7), netdevice(7).

Run as a program (``python -I -S network.py``) it says by its exit status if this kernel allows it.
"""

# No pathlib, no socket module: the launcher, which imports this, has no time for them.
# ruff: noqa: PTH123

from __future__ import annotations

import _socket
import ctypes
import fcntl
import os
import struct
import sys

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1
_BACKLOG = 64


def enter(port: int) -> _socket.socket:
    """Move this process into an empty network, and listen in it on 127.0.0.1:``port``.

    Root needs no namespace of users for it; anyone else makes one, in which they stay who they
    are. Raises OSError where the kernel, or the policy of a container, does not allow it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(_CLONE_NEWNET) != 0:
        if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        for name, line in (
            ("setgroups", "deny"),  # else the kernel refuses the next line
            ("gid_map", f"{group} {group} 1"),
            ("uid_map", f"{user} {user} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(line)
    listener = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    fcntl.ioctl(listener.fileno(), _SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", _IFF_UP))
    listener.bind(("127.0.0.1", port))
    listener.listen(_BACKLOG)
    return listener


if __name__ == "__main__":
    enter(1024).close()
    sys.exit(0)
