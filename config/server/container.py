"""The image's entry point: user, umask, then one process of the Procfile, ``up``, or any command.

``python -m config.server.container up|web|worker|scheduler|release|COMMAND...`` replaces itself by
the process, below the image's init. It reads ``PUID``, ``PGID`` and ``UMASK``, as other images of
self-hosted software do.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.datadir import BASE_DIR
from config.server.supervisor import procfile
from config.start_error import StartError

FOLDERS = ("DATA_DIR", "STORAGE_PATH")
_LARGEST_ID = 2**32 - 2  # -1 is no user


@dataclass(frozen=True, slots=True)
class ContainerUser:
    """User and group to run as, and the umask of both."""

    uid: int
    gid: int
    umask: int


def user_of(environment: Mapping[str, str], *, uid: int, gid: int) -> ContainerUser:
    """Return the user that the container is to run as, where ``uid`` and ``gid`` are its own.

    A container that was not started by root stays what it is. Raises StartError for a value that
    is none, and for PUID or PGID 0: nothing of Ferry runs as root.
    """
    default_uid, default_gid = (10001, 10001) if uid == 0 else (uid, gid)
    wanted = ContainerUser(
        _whole(environment, "PUID", default_uid, _LARGEST_ID),
        _whole(environment, "PGID", default_gid, _LARGEST_ID),
        _whole(environment, "UMASK", 0o022, 0o777, base=8),
    )
    if uid != 0 and (wanted.uid, wanted.gid) != (uid, gid):
        raise StartError(
            f"PUID and PGID say {wanted.uid}:{wanted.gid}, but this container was started as"
            f" {uid}:{gid}. Leave out PUID and PGID, or leave out --user."
        )
    if 0 in (wanted.uid, wanted.gid):
        raise StartError("PUID and PGID must not be 0: Ferry does not run as root. Leave them out.")
    return wanted


def command_of(arguments: list[str], processes: Mapping[str, str]) -> list[str]:
    """Return the program and its arguments: ``up``, a line of the Procfile, or what was asked."""
    name = arguments[0] if arguments else "up"
    if name == "up":
        return ["python", "manage.py", "up", *arguments[1:]]
    if name not in processes:
        return arguments
    if len(arguments) > 1:
        raise StartError(f"{name} takes no arguments. Leave out {shlex.join(arguments[1:])}.")
    return ["/bin/sh", "-c", f"exec {processes[name]}"]  # variables in it are expanded


def main(arguments: list[str]) -> None:
    user = user_of(os.environ, uid=os.getuid(), gid=os.getgid())
    command = command_of(arguments, procfile.parse((BASE_DIR / "Procfile").read_text()))
    os.umask(user.umask)
    if os.getuid() == 0:
        for folder in filter(None, map(os.environ.get, FOLDERS)):
            _give(Path(folder), user)
        os.setgroups([])
        os.setgid(user.gid)
        os.setuid(user.uid)
    os.chdir(BASE_DIR)
    try:
        os.execvp(command[0], command)  # noqa: S606 - the process itself, below the init
    except OSError as error:
        raise StartError(
            f'"{command[0]}" cannot be run ({error.strerror}). Name up, web, worker, scheduler or a'
            " program of the image, such as: python manage.py check --deploy"
        ) from None


def _whole(
    environment: Mapping[str, str], name: str, default: int, largest: int, base: int = 10
) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return default
    try:
        number = int(text, base)
    except ValueError:
        number = -1
    if not 0 <= number <= largest:
        kind = "a mode in octal, such as 022" if base == 8 else "the number of a user or group"
        raise StartError(f'{name} must be {kind}, not "{text[:20]}".')
    return number


def _give(folder: Path, user: ContainerUser) -> None:
    """Make the user the owner of a mounted folder, once: what lies in it as well, if the folder
    itself was another's."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        status = folder.stat()
        if (status.st_uid, status.st_gid) == (user.uid, user.gid):
            return
        for place, _, names in os.walk(folder):
            for name in names:
                os.chown(Path(place) / name, user.uid, user.gid, follow_symlinks=False)
            if place != str(folder):
                os.chown(place, user.uid, user.gid, follow_symlinks=False)
        os.chown(folder, user.uid, user.gid)  # last: a start that was interrupted goes on
    except OSError as error:
        raise StartError(
            f"{folder} cannot be given to {user.uid}:{user.gid} ({error.strerror}). Start the"
            " container with --user of the folder's owner, and leave out PUID and PGID."
        ) from None


if __name__ == "__main__":
    main(sys.argv[1:])
