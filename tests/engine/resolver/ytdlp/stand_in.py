"""Stands in for sites that cannot be reached from here: https by a certificate of its own.

The egress proxy of the test resolves every name that has a page here to this server;
for any other name it gives what the machine's own resolver says.
"""

from __future__ import annotations

import datetime
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.answers import missing
from tests.support.origin import Origin
from tests.support.request import Answer, Request

Page = bytes | Callable[[Request], Answer]


class Site(Origin):
    """``pages`` by (host, path): an answer, or what gives it. What is not there is 404, and noted
    in ``missing``."""

    def __init__(self, certificate: Path) -> None:
        self.pages: dict[tuple[str, str], Page] = {}
        self.missing: list[str] = []
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        super().__init__(handle=self._show, tls=context)

    @property
    def hosts(self) -> set[str]:
        return {host for host, _ in self.pages}

    def paths(self) -> list[str]:
        return [f"{asked.host}{asked.path}" for asked in self.log]

    def _show(self, asked: Request) -> Answer:
        shown = self.pages.get((asked.host, asked.path))
        if shown is None:
            self.missing.append(f"{asked.method} {asked.host}{asked.path}")
            return missing()
        return shown if isinstance(shown, bytes) else shown(asked)


def resolving(site: Site) -> Callable[..., list[tuple[Any, ...]]]:
    """A ``getaddrinfo`` that leads the site's hosts to it, whatever their port.

    The machine's resolver cannot be told where the sites of others are.
    """
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *args: Any, **options: Any) -> list[tuple[Any, ...]]:
        if host in site.hosts:
            found = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", site.port))
            return [found]
        return list(real(host, port, *args, **options))

    return getaddrinfo


def make_certificates(folder: Path, names: list[str]) -> tuple[Path, Path]:
    """(authority to trust, the server's certificate with its key), both PEM."""
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Stand-in authority")])
    now = datetime.datetime.now(datetime.UTC)

    def begin(subject: x509.Name, key: Any) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=2))
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
                critical=False,
            )
        )

    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    authority = (
        begin(issuer, authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False
        )
        .add_extension(usage, critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stand-in")])
    server = (
        begin(subject, server_key)
        .add_extension(x509.SubjectAlternativeName(list(map(x509.DNSName, names))), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    authority_file, server_file = folder / "authority.pem", folder / "server.pem"
    authority_file.write_bytes(authority.public_bytes(pem))
    key = server_key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    server_file.write_bytes(server.public_bytes(pem) + key)
    return authority_file, server_file
