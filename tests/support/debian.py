"""A small Debian, made from the sources of packages that this machine has."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_PIP = ("PIP_CERT", "PIP_DEFAULT_TIMEOUT", "PIP_INDEX_URL", "SSL_CERT_FILE")


def make_debian(target: Path, packages: str) -> None:
    """Make this machine's release of it: a folder, or an archive if ``target`` ends so.
    ``packages``: with commas between them."""
    release = Path("/etc/os-release").read_text().partition("VERSION_CODENAME=")[2].split()[0]
    sources = [
        *Path("/etc/apt/sources.list.d").glob("debian.sources"),
        Path("/etc/apt/sources.list"),
    ]
    named = next(str(source) for source in sources if source.is_file())
    make = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages}"]
    subprocess.run([*make, release, str(target), named], check=True, cwd="/")


def pip_variables() -> list[str]:
    """Return ``NAME=value`` of what leads pip to this machine's package registry."""
    return [f"{name}={os.environ[name]}" for name in _PIP if name in os.environ]
