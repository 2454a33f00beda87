"""A source of fragments whose links expire, whose list changes, and whose mirrors fail."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.media import Encryption, Fragment, FragmentList
from tests.engine.transfer.simulation.network import FAILURES, Answer, Site
from tests.engine.transfer.simulation.threads import Scheduler

KEY = bytes(range(16))
IV = "00" * 16
SHAPES = ("files", "ranges", "encrypted")


@lru_cache(maxsize=512)
def plain(size: int, version: int, index: int) -> bytes:
    """Each fragment of each version has its own bytes and length; some have none."""
    chance = random.Random(f"{size} {version} {index}")
    return chance.randbytes(chance.choice((0, chance.randint(1, 40), size, size + index)))


@lru_cache(maxsize=512)
def encrypted(size: int, version: int, index: int) -> bytes:
    padder = PKCS7(128).padder()
    padded = padder.update(plain(size, version, index)) + padder.finalize()
    cipher = Cipher(algorithms.AES(KEY), modes.CBC(bytes.fromhex(IV))).encryptor()
    return cipher.update(padded) + cipher.finalize()


@dataclass
class FragmentSite(Site):
    """``size`` is that of a long fragment; ``count`` of them are in the first version's list.

    The links of a list end with its ``token``, which an "expired" answer takes back.
    """

    count: int = 1
    shape: str = "files"
    mirrors: int = 0
    token: int = 1

    def bodies(self, key: str) -> list[bytes]:
        """The plaintext of all fragments of the version that a list's key names."""
        version = int(key)
        return [plain(self.size, version, index) for index in range(self._total(version))]

    def load(self, scheduler: Scheduler) -> FragmentList:
        """The list as it is now, or an error."""
        answer = next(self.answers, Answer())
        scheduler.sleep(answer.delay)
        if answer.kind in FAILURES:
            raise FAILURES[answer.kind]()
        self.hear(answer.kind)
        fragments = tuple(self._fragment(index) for index in range(self._total(self.version)))
        return FragmentList(fragments, "ts", str(self.version), url="http://source/list")

    def hear(self, kind: str) -> None:
        super().hear(kind)
        self.token += kind == "expired"

    def body(self, url: str) -> bytes | int:
        _, _, _, version, token, name = url.split("/")
        if int(version) != self.version:
            return 404
        if int(token) != self.token:
            return 403
        if name == "key":
            return KEY
        if name == "all":
            return b"".join(self.bodies(version))
        make = encrypted if self.shape == "encrypted" else plain
        return make(self.size, self.version, int(name))

    def _total(self, version: int) -> int:
        return self.count + version - 1

    def _fragment(self, index: int) -> Fragment:
        place = f"{self.version}/{self.token}"
        name, span, encryption = str(index), None, None
        if self.shape == "ranges":
            before = sum(len(body) for body in self.bodies(str(self.version))[:index])
            length = len(plain(self.size, self.version, index))
            # A list has no empty range: such a piece is a file of its own.
            name, span = ("all", ByteRange(before, before + length)) if length else (name, None)
        if self.shape == "encrypted":
            encryption = Encryption(f"http://source/{place}/key", IV)
        mirrors = tuple(f"http://mirror{each}/{place}/{name}" for each in range(self.mirrors))
        url = f"http://source/{place}/{name}"
        return Fragment(url, span, encryption, duration=2.0, alternates=mirrors)
