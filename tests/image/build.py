"""Build the image with buildah, on a base made of Debian's packages."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.debian import make_debian, pip_variables
from tests.support.shell import ROOT

BASE = "localhost/ferry-base"
IMAGE = "localhost/ferry"
PACKAGES = "python3,python3-venv,ca-certificates"
CERTIFICATES = "/etc/ssl/certs"


@dataclass(frozen=True, slots=True)
class Image:
    """A built image, mounted: its files, and what the Dockerfile says of its start."""

    root: Path
    variables: dict[str, str]
    entry: list[str]
    command: list[str]
    health: list[str]

    @property
    def size(self) -> int:
        """Bytes on the disk, its base included."""
        told = subprocess.run(["du", "-sxB1", str(self.root)], capture_output=True, check=True)
        return int(told.stdout.split()[0])


def buildah(*arguments: str) -> str:
    environment = {**os.environ, "STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}
    ended = subprocess.run(
        ["buildah", *arguments], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert ended.returncode == 0, f"buildah {arguments[0]}: {ended.stdout[-2000:]}"
    return ended.stdout.strip()


def make_base(folder: Path) -> None:
    """Make a small Debian with Python, from the sources of packages that this machine has."""
    archive = folder / "base.tar"
    make_debian(archive, PACKAGES)
    made = buildah("from", "scratch")
    buildah("add", "--quiet", made, str(archive), "/")
    buildah("commit", "--quiet", "--rm", made, BASE)
    archive.unlink()


def build(name: str = IMAGE) -> None:
    """Build the Dockerfile as its comment says, but for the base; with this machine's
    certificates, for pip alone."""
    passed_on = [f"--env={each}" for each in pip_variables()]
    buildah(
        *("bud", "--quiet", "--pull-never", "--no-cache", "--timestamp", "0", "--format", "docker"),
        *("--build-arg", f"BASE={BASE}", "--volume", f"{CERTIFICATES}:{CERTIFICATES}:ro"),
        *(*passed_on, "--tag", name, "."),
    )


@contextmanager
def mounted(name: str = IMAGE) -> Iterator[Image]:
    """Mount the image's files while the block runs."""
    told = json.loads(buildah("inspect", "--type", "image", name))["Docker"]["config"]
    container = buildah("from", "--pull-never", name)
    try:
        root = Path(buildah("mount", container))
        variables = dict(line.split("=", 1) for line in told["Env"])
        health = told["Healthcheck"]["Test"][1:]  # behind "CMD"
        yield Image(root, variables, told["Entrypoint"], told["Cmd"], health)
    finally:
        buildah("rm", container)
