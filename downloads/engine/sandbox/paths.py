"""Paths that a jailed program may read and run besides its own folder."""

from __future__ import annotations

import functools
import shutil
import site
import ssl
import sys
from collections.abc import Iterable
from pathlib import Path

DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")

_SYSTEM = (
    "/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec",
    "/usr/local/lib", "/usr/local/lib64", "/usr/share", "/etc/ld.so.cache", "/etc/ld.so.conf",
    "/etc/ld.so.conf.d", "/etc/localtime", "/etc/ssl/certs", "/etc/ssl/openssl.cnf",
    "/etc/pki/tls/certs", "/etc/pki/ca-trust/extracted", "/etc/ca-certificates/extracted",
    "/etc/fonts",
)  # fmt: skip
_LOADERS = ("lib64/ld-*.so*", "lib/ld-*.so*", "lib/*/ld-*.so*", "usr/lib*/ld-*.so*")


def readable(extra: Iterable[Path]) -> list[str]:
    return [*_system(), *map(str, extra)]


def runnable(programs: Iterable[Path]) -> list[str]:
    """Return the programs and their loaders: the kernel opens both to execute."""
    return [*(str(program.resolve()) for program in programs), *_loaders()]


def program(name: str) -> Path:
    """Return the absolute path of ``name``. Raises FileNotFoundError."""
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is not installed")
    return Path(found).absolute()


@functools.cache
def _system() -> tuple[str, ...]:
    certificates = ssl.get_default_verify_paths()
    interpreter = [
        Path(prefix, part)
        for prefix in {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
        for part in ("bin", "lib", "lib64", "pyvenv.cfg")
    ]
    known = (certificates.cafile, certificates.capath)
    return tuple({*_SYSTEM, *map(str, interpreter), *site.getsitepackages(), *filter(None, known)})


@functools.cache
def _loaders() -> tuple[str, ...]:
    found = (path.resolve() for pattern in _LOADERS for path in Path("/").glob(pattern))
    return tuple({str(path) for path in found})
