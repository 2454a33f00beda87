"""The same bytes over TLS, drained by the reactor."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from downloads.egress import connect
from tests.transfer.harness import Fetcher
from tests.transfer.origin import MIB, SecureOrigin, content


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SecureOrigin]:
    certificate, key = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    connect.tls_context.cache_clear()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    server = SecureOrigin(context)
    yield server
    server.close()
    connect.tls_context.cache_clear()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


@pytest.mark.parametrize(
    "knobs",
    [{}, {"chunked": True}, {"cut_after": 300_000, "cuts": 3}, {"silent_after": 1, "silences": 1}],
    ids=["plain", "chunked", "resets", "silent"],
)
def test_the_bytes_are_exact(
    secure: SecureOrigin, tmp_path: Path, knobs: dict[str, object]
) -> None:
    secure.serve("/a", content(6 * MIB), **knobs)
    fetcher = Fetcher(secure, tmp_path / "work")
    fetcher.exact("/a")


def dribble(port: int) -> int:
    """A port that leads to ``port``, but lets only small pieces through: no record comes whole."""
    listener = socket.create_server(("127.0.0.1", 0))

    def forward(source: socket.socket, target: socket.socket, pause: float) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(5000):
                target.sendall(block)
                time.sleep(pause)
            target.shutdown(socket.SHUT_WR)

    def accept() -> None:
        outside, _ = listener.accept()
        listener.close()
        inside = socket.create_connection(("127.0.0.1", port))
        threading.Thread(target=forward, args=(outside, inside, 0.0), daemon=True).start()
        forward(inside, outside, 0.002)

    threading.Thread(target=accept, daemon=True).start()
    return int(listener.getsockname()[1])


def test_half_a_record_is_waited_for(secure: SecureOrigin, tmp_path: Path) -> None:
    secure.serve("/a", content(MIB))
    fetcher = Fetcher(secure, tmp_path / "work")
    fetcher.limit(connections=1)
    secure.port = dribble(secure.port)
    fetcher.exact("/a")
    assert len(secure.log) == 1
