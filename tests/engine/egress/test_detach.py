"""A body's socket can be taken out and drained to the last byte, plain and over TLS."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from downloads.engine.core.errors import NetworkError
from downloads.engine.egress.client import Client, DetachedSocket
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.egress.tls import TlsSocket, tls_context
from tests.engine.egress.conftest import QUICK, read_all
from tests.support.answers import respond, then_close
from tests.support.certificate import make_certificate
from tests.support.origin import Origin

BODY = bytes(range(256)) * 4096  # 1 MiB


def drain(detached: DetachedSocket) -> bytes:
    parts = [detached.buffered]
    left = detached.remaining
    detached.sock.settimeout(5)
    while left and (block := detached.sock.recv(min(left, 65536))):
        parts.append(block)
        left -= len(block)
    detached.close()
    return b"".join(parts)


@pytest.mark.parametrize("peeked", [0, 100, 50_000])
def test_nothing_is_lost_between_buffer_and_socket(
    peeked: int, client: Client, origin: Origin
) -> None:
    origin.answers["/"] = respond(BODY)
    response = client.get(origin.url())
    response.peek(peeked)
    detached = response.detach()
    assert detached is not None
    assert len(detached.buffered) >= peeked
    assert drain(detached) == BODY


def test_a_body_partly_read_goes_on_where_it_was(client: Client, origin: Origin) -> None:
    origin.answers["/"] = respond(BODY)
    response = client.get(origin.url())
    view = memoryview(bytearray(1000))
    count = response.read_into(view)
    detached = response.detach()
    assert detached is not None
    assert bytes(view[:count]) + drain(detached) == BODY


def test_it_outlives_a_connection_that_closes_after_the_answer(
    client: Client, origin: Origin
) -> None:
    """No other request uses the socket then, and it must stay open all the same."""
    origin.answers["/"] = then_close(respond(BODY, Connection="close"))
    detached = client.get(origin.url()).detach()
    assert detached is not None
    client.close()
    assert drain(detached) == BODY
    assert detached.fileno() == -1


def test_bytes_beyond_the_promised_length_are_no_body(client: Client, origin: Origin) -> None:
    origin.answers["/"] = respond(b"hello") + b"HTTP/1.1 200 OK\r\n"
    detached = client.get(origin.url()).detach()
    assert detached is not None
    assert (detached.buffered, detached.remaining) == (b"hello", 0)
    detached.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nx",
    ],
)
def test_only_a_body_of_known_length_has_a_socket(
    answer: bytes, client: Client, origin: Origin
) -> None:
    origin.answers["/"] = then_close(answer)
    response = client.get(origin.url())
    assert response.detach() is None
    assert read_all(response) == b"x"


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Origin]:
    """An origin with a certificate for ``localhost``, which this process trusts if told to."""

    def make(answers: dict[str, bytes], *, trusted: bool = True, name: str = "localhost") -> Origin:
        cert_file, key_file = make_certificate(tmp_path, name)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(cert_file, key_file)
        seen: list[str | None] = []
        context.sni_callback = lambda sock, name, context: seen.append(name)
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(cert_file))
        tls_context.cache_clear()
        origin = Origin(answers, tls=context)
        origin.sni = seen  # type: ignore[attr-defined]
        return origin

    yield make
    tls_context.cache_clear()


@pytest.fixture
def local() -> Client:
    networks = parse_allowed_networks("127.0.0.1,::1")
    with Client(AddressPolicy(allowed_networks=networks), limits=QUICK) as client:
        yield client


def test_tls_keeps_the_name_for_sni_and_host(secure: Callable[..., Origin], local: Client) -> None:
    with secure({"/": respond(b"x")}) as origin:
        with local.get(f"https://localhost:{origin.port}/") as response:
            assert response.address == ("127.0.0.1", origin.port)
            assert read_all(response) == b"x"
        assert origin.sni == ["localhost"]
        assert origin.log[0].headers["host"] == f"localhost:{origin.port}"


@pytest.mark.parametrize("closing", ["keep-alive", "close"])
def test_a_tls_socket_can_be_taken_out_too(
    closing: str, secure: Callable[..., Origin], local: Client
) -> None:
    with secure({"/": respond(BODY, Connection=closing)}) as origin:
        response = local.get(f"https://localhost:{origin.port}/")
        assert response.peek(10) == BODY[:10]
        detached = response.detach()
        assert detached is not None
        assert isinstance(detached.sock, TlsSocket)
        assert drain(detached) == BODY


@pytest.mark.parametrize(("trusted", "name"), [(False, "localhost"), (True, "other.example")])
def test_a_certificate_that_does_not_hold_is_explained(
    trusted: bool, name: str, secure: Callable[..., Origin], local: Client
) -> None:
    with secure({"/": respond(b"x")}, trusted=trusted, name=name) as origin:
        with pytest.raises(NetworkError) as caught:
            local.get(f"https://localhost:{origin.port}/")
        assert "certificate" in caught.value.message
        assert not origin.log


def test_tls_to_a_plain_server_is_a_network_error(hasty: Client, origin: Origin) -> None:
    origin.answers["/"] = respond(b"x")
    with pytest.raises(NetworkError):
        hasty.get(origin.url().replace("http:", "https:"))
