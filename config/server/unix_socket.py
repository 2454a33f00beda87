"""A Unix socket that the web process listens on beside its port, for a proxy on this machine."""

from __future__ import annotations

import fcntl
import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.start_error import StartError
from config.variables import Environment

# The kernel ends the lock with the process, so there is none to remove after a kill.
_locks: list[IO[str]] = []


@dataclass(frozen=True, slots=True)
class UnixSocket:
    """A socket in the file system. ``group``: its number; None for that of the process."""

    path: Path
    mode: int
    group: int | None = None

    @property
    def endpoint(self) -> str:
        """Twisted's description of it. Its own lock names a process by number, which in a container
        the next process has too."""
        return f"unix:{self.path}:mode={self.mode:o}:lockfile=0"

    def claim(self) -> None:
        """Lock the path for this process, and remove the socket that a killed one left. Raises
        StartError if it is another's, or no socket, or cannot be given to the group."""
        if self.group not in (None, os.getegid(), *os.getgroups()) and os.geteuid() != 0:
            raise StartError(
                f"UNIX_SOCKET_GROUP: Ferry's user is not in group {self.group}. Make it a member,"
                " or unset this."
            )
        try:
            lock = self.path.with_name(f"{self.path.name}.lock").open("a")
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise self._in_use() from None
        except OSError as error:
            raise self._unusable(error) from None
        _locks.append(lock)
        self._remove_stale()

    def give_to_group(self) -> None:
        """Let the group connect. Before that the group is the process's own, so the socket is never
        open to more."""
        if self.group is not None:
            os.chown(self.path, -1, self.group)

    def _remove_stale(self) -> None:
        try:
            if not stat.S_ISSOCK(self.path.lstat().st_mode):
                raise StartError(
                    f"UNIX_SOCKET: {self.path} is there, and is no socket. Remove it, or name"
                    " another path."
                )
            with socket.socket(socket.AF_UNIX) as attempt:
                attempt.settimeout(1)
                attempt.connect(str(self.path))
        except FileNotFoundError:
            return
        except ConnectionRefusedError:  # nothing listens: it was left behind
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable(error) from None
        else:
            raise self._in_use()

    def _in_use(self) -> StartError:
        return StartError(
            f"UNIX_SOCKET: {self.path} is in use by another process. Stop that one, or name another"
            " path."
        )

    def _unusable(self, error: OSError) -> StartError:
        return StartError(
            f"UNIX_SOCKET: {self.path} cannot be listened on ({error.strerror}). Give Ferry's user"
            f" the right to write in {self.path.parent}, or name another path."
        )


def unix_socket_of(environment: Environment) -> UnixSocket | None:
    """Return the socket that UNIX_SOCKET names; None without one."""
    if not environment.unix_socket:
        return None
    path = Path(environment.unix_socket)
    return UnixSocket(path, environment.unix_socket_mode, environment.unix_socket_group)
