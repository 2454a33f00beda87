"""AES-128 in CBC mode with PKCS #7 padding, a block at a time (RFC 8216, section 4.3.2.4).

Fragments are decrypted as they come, before they are written. So a wrong key or a damaged
fragment is a failure of that attempt, which is retried like any other, and the spool can be
fed any number of times, also after a restart, without asking for a key again. Keys themselves
are held in memory alone.
"""

from __future__ import annotations

from downloads.engine.core.errors import BadManifest, BadResponse

BLOCK = 16
STEP = 256 * 1024


class Decryption:
    """``iv`` in hex. Raises BadManifest for one that is none."""

    def __init__(self, key: bytes, iv: str) -> None:
        try:
            vector = bytes.fromhex(iv)
        except ValueError:
            vector = b""
        if len(vector) != BLOCK:
            raise BadManifest("an initialisation vector that is not 16 bytes long")
        # 40 ms to import, and few streams are encrypted
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        self._context = Cipher(algorithms.AES128(key), modes.CBC(vector)).decryptor()
        self._last = b""  # may be padding

    def update(self, data: memoryview) -> bytes:
        """The plaintext that is certain so far; ``data`` of ``STEP`` bytes at most keeps
        memory flat."""
        plain = self._last + self._context.update(data)
        cut = max(0, len(plain) - BLOCK)
        self._last = plain[cut:]
        return plain[:cut]

    def finish(self) -> bytes:
        """The rest, without the padding. Raises BadResponse where that is not one."""
        from cryptography.hazmat.primitives.padding import PKCS7

        try:
            plain = self._last + self._context.finalize()
            unpadder = PKCS7(BLOCK * 8).unpadder()
            return unpadder.update(plain) + unpadder.finalize()
        except ValueError:
            raise BadResponse("an encrypted fragment that does not fit its key") from None
