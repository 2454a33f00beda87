"""Bytes of no format: random by seed, so that a splice of two of them shows in the hash."""

from __future__ import annotations

import functools
import hashlib
import random

MIB = 1024 * 1024


@functools.lru_cache(maxsize=8)
def content(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
