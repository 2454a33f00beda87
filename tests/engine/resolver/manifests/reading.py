"""A plain reader of fragment lists, as a downloader would read them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from downloads.engine.core.media import (
    Encryption,
    Format,
    Fragment,
    FragmentList,
    Selection,
    Source,
    StreamKind,
)
from downloads.engine.egress.client import Client
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.dash import DashResolver
from downloads.engine.resolver.hls import HlsResolver
from downloads.engine.resolver.manifests.parsing import Parser
from downloads.engine.resolver.urls import normalise
from tests.engine.egress.conftest import read_all


def resolve(
    url: str,
    client: Client,
    parser: Parser,
    choose: Callable[[Source], Selection] | None = None,
) -> Source:
    """By the first of the two that claims it."""
    url_probe = UrlProbe(normalise(url), client, choose=choose)
    resolvers = (HlsResolver(parser), DashResolver(parser))
    (claimed,) = [resolver for resolver in resolvers if resolver.claims(url_probe)]
    return claimed.resolve(url_probe)


def one(source: Source, kind: StreamKind, height: int | None = None) -> Format:
    (found,) = [
        offer for offer in source.formats
        if offer.stream.kind is kind and (height is None or offer.height == height)
    ]  # fmt: skip
    return found


def part(found: FragmentList, number: int, client: Client, folder: Path) -> Path:
    """One part of the list as a file: its fragments one after the other."""
    path = folder / f"part{number}.{found.container}"
    pieces = [fragment for fragment in found.fragments if fragment.part == number]
    path.write_bytes(b"".join(_read(piece, found.headers, client) for piece in pieces))
    return path


def _read(fragment: Fragment, headers: tuple[tuple[str, str], ...], client: Client) -> bytes:
    start, end = fragment.range or (None, None)
    body = read_all(client.get(fragment.url, headers=headers, start=start, end=end))
    if fragment.range is not None:
        assert len(body) == fragment.range[1] - fragment.range[0]
    if fragment.encryption is None:
        return body
    return _decrypt(body, fragment.encryption, headers, client)


def _decrypt(
    body: bytes, said: Encryption, headers: tuple[tuple[str, str], ...], client: Client
) -> bytes:
    key = read_all(client.get(said.key_url, headers=headers))
    cipher = Cipher(algorithms.AES(key), modes.CBC(bytes.fromhex(said.iv))).decryptor()
    plain = padding.PKCS7(128).unpadder()
    return plain.update(cipher.update(body) + cipher.finalize()) + plain.finalize()
