"""The launcher, where the kernel refuses namespaces, as a container's policy has it."""

# ruff: noqa: PTH100, PTH118 - started as the launcher is, with -I and -S

from __future__ import annotations

import errno
import os
import sys

sys.path.insert(0, os.path.abspath(os.path.join(__file__, *[os.pardir] * 4)))

from downloads.engine.sandbox import launcher, network


def refuse(port: int) -> object:
    raise PermissionError(errno.EPERM, "unshare")


if __name__ == "__main__":
    network.enter = refuse  # type: ignore[assignment]
    launcher.main()
    os._exit(0)
