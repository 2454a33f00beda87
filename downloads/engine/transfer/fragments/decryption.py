"""AES over whole fragments, a block at a time (RFC 8216, section 4.3.2.4).

Fragments are decrypted as they come, before they are written. So a wrong key or a damaged
fragment is a failure of that attempt, which is retried like any other, and the spool can be
fed any number of times, also after a restart, without asking for a key again. Keys themselves
are held in memory alone.
"""

from __future__ import annotations

from downloads.engine.core import containers
from downloads.engine.core.errors import BadManifest, BadResponse

BLOCK = 16
STEP = 256 * 1024
KEY_LENGTHS = {"AES-128": 16, "AES-256": 32, "AES-256-CTR": 32}  # bytes, by method
_HEAD = containers.LEAD + 2048  # bytes of plaintext that identify its container


class Decryption:
    """A decryption of one fragment. ``iv`` in hex. Raises BadManifest for an invalid one."""

    def __init__(self, key: bytes, iv: str, method: str = "AES-128") -> None:
        try:
            vector = bytes.fromhex(iv)
        except ValueError:
            vector = b""
        if len(vector) != BLOCK:
            raise BadManifest("an initialisation vector that is not 16 bytes long")
        # 40 ms to import, and few streams are encrypted
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        self._is_padded = method != "AES-256-CTR"
        mode = modes.CBC(vector) if self._is_padded else modes.CTR(vector)
        self._context = Cipher(algorithms.AES(key), mode).decryptor()
        self._last = b""  # may be padding
        self._head = b""

    def update(self, data: memoryview) -> bytes:
        """Return the plaintext that is certain so far; ``data`` of ``STEP`` bytes at most keeps
        memory flat."""
        plain = self._last + self._context.update(data)
        cut = max(0, len(plain) - BLOCK) if self._is_padded else len(plain)
        self._last = plain[cut:]
        if len(self._head) < _HEAD:
            self._head += plain[: min(cut, _HEAD - len(self._head))]
        return plain[:cut]

    def finish(self) -> bytes:
        """Return the rest, without the padding. Raises BadResponse if that does not fit the key.

        Some packagers pad nothing if the last block is full, and players take that for media.
        """
        try:
            plain = self._last + self._context.finalize()
        except ValueError:
            raise BadResponse("an encrypted fragment that is no number of whole blocks") from None
        if not self._is_padded:
            return plain
        padding = plain[-1] if plain else 0
        if 1 <= padding <= BLOCK and plain.endswith(bytes((padding,)) * padding):
            return plain[:-padding]
        if plain and _is_media(self._head + plain):
            return plain
        raise BadResponse("an encrypted fragment that does not fit its key")


def _is_media(head: bytes) -> bool:
    """Return if the plaintext is media; under a wrong key it is not."""
    known = containers.container_of(head) or containers.transport_start(head)
    return bool(known) or containers.is_text(head)
