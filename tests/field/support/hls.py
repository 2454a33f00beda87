"""Playlists of pieces, and the ciphers that they name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.field.support.clips import Pieces

KEY = bytes(range(16))
CODECS = "avc1.42c00a,mp4a.40.2"
Tags = Callable[[int], Iterable[str]]


def listing(
    pieces: Pieces | Sequence[tuple[str, float]],
    name: str = "{}",
    *,
    init: str = "",
    head: Iterable[str] = (),
    before: Tags = lambda index: (),
    version: int = 7,
) -> bytes:
    """A media playlist. ``name``: of a piece, by its index; ``before``: tags before a piece."""
    if isinstance(pieces, Pieces):
        rows = [(name.format(at), length) for at, length in enumerate(pieces.seconds)]
    else:
        rows = list(pieces)
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{version}", "#EXT-X-TARGETDURATION:2"]
    lines += ["#EXT-X-PLAYLIST-TYPE:VOD", *head]
    lines += [f'#EXT-X-MAP:URI="{init}"'] if init else []
    for at, (uri, length) in enumerate(rows):
        lines += [*before(at), f"#EXTINF:{length:.6f},", uri]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""]).encode()


def master(*lines: str, version: int = 7) -> bytes:
    return "\n".join(["#EXTM3U", f"#EXT-X-VERSION:{version}", *lines, ""]).encode()


def variant(uri: str, *, rate: int = 100_000, size: str = "160x90", more: str = "") -> str:
    return f'#EXT-X-STREAM-INF:BANDWIDTH={rate},RESOLUTION={size},CODECS="{CODECS}"{more}\n{uri}'


def key(iv: bytes, uri: str = "key") -> str:
    return f'#EXT-X-KEY:METHOD=AES-128,URI="{uri}",IV=0x{iv.hex()}'


def iv(number: int) -> bytes:
    return number.to_bytes(16)


def encrypt(data: bytes, vector: bytes, secret: bytes = KEY, *, padded: bool = True) -> bytes:
    """AES-128-CBC."""
    if padded:
        padder = padding.PKCS7(128).padder()
        data = padder.update(data) + padder.finalize()
    cipher = Cipher(algorithms.AES(secret), modes.CBC(vector)).encryptor()
    return cipher.update(data) + cipher.finalize()
