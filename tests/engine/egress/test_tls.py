"""TLS that is read in large pieces behaves as the plain socket beneath it does."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from downloads.engine.core.errors import NetworkError
from downloads.engine.egress.client import Client
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.egress.tls import TlsSocket, _Ciphertext
from downloads.engine.transfer.block import Block
from tests.engine.egress.conftest import QUICK, read_all
from tests.support.answers import respond
from tests.support.certificate import trusted
from tests.support.origin import Origin
from tests.support.request import Request

RECORD = 16 * 1024
BODY = bytes(range(256)) * 4096  # 1 MiB


@dataclass
class Peer:
    """The other side, whose records a test sends as it likes."""

    wire: socket.socket
    tls: ssl.SSLObject
    written: ssl.MemoryBIO

    def records(self, data: bytes) -> bytes:
        self.tls.write(data)
        return self.written.read()

    def goodbye(self) -> bytes:
        with pytest.raises(ssl.SSLWantReadError):
            self.tls.unwrap()
        return self.written.read()


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[TlsSocket, Peer]]:
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        for size in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            end.setsockopt(socket.SOL_SOCKET, size, 4 * len(BODY))
    with trusted(tmp_path, monkeypatch) as context:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        peer = Peer(theirs, context.wrap_bio(incoming, outgoing, server_side=True), outgoing)
        answering = threading.Thread(target=_shake_hands, args=(peer, incoming), daemon=True)
        answering.start()
        ours.settimeout(5)
        tls = TlsSocket(ours, "localhost")
        tls.do_handshake()
        answering.join()
        with tls, theirs:
            yield tls, peer


def _shake_hands(peer: Peer, incoming: ssl.MemoryBIO) -> None:
    while True:
        try:
            peer.tls.do_handshake()
        except ssl.SSLWantReadError:
            peer.wire.sendall(peer.written.read())
            incoming.write(peer.wire.recv(65536))
        else:
            peer.wire.sendall(peer.written.read())
            return


def into(tls: socket.socket, size: int) -> bytes:
    view = memoryview(bytearray(size))
    return bytes(view[: tls.recv_into(view)])


def test_one_read_brings_many_records(pair: tuple[TlsSocket, Peer]) -> None:
    tls, peer = pair
    wire = peer.records(BODY)
    sending = threading.Thread(target=peer.wire.sendall, args=(wire,))
    sending.start()
    sending.join(30)  # the socket's buffers hold all of it
    tls.setblocking(False)
    assert len(into(tls, len(BODY))) > 2 * RECORD


def test_what_did_not_fit_is_there_without_the_kernel(pair: tuple[TlsSocket, Peer]) -> None:
    tls, peer = pair
    peer.wire.sendall(peer.records(BODY[:3000]))
    assert into(tls, 1000) == BODY[:1000]
    assert tls.pending() == 2000
    tls.setblocking(False)
    assert into(tls, 5000) == BODY[1000:3000]
    assert tls.pending() == 0
    with pytest.raises(BlockingIOError):
        into(tls, 1)


def test_a_record_in_drops_does_not_hold_a_reader_beyond_its_time(
    pair: tuple[TlsSocket, Peer],
) -> None:
    """Each drop comes within the timeout; all of them together do not."""
    tls, peer = pair
    wire, gone = peer.records(BODY[:RECORD]), threading.Event()

    def drip() -> None:
        for place in range(len(wire) - 1):  # minutes
            peer.wire.sendall(wire[place : place + 1])
            if gone.wait(0.02):
                peer.wire.sendall(wire[place + 1 :])
                return

    dripping = threading.Thread(target=drip, daemon=True)
    dripping.start()
    tls.settimeout(0.1)
    with pytest.raises(TimeoutError):
        into(tls, RECORD)
    assert dripping.is_alive(), "it waited for the last drop"
    gone.set()
    dripping.join()
    assert into(tls, RECORD) == BODY[:RECORD]


def test_half_a_record_holds_up_no_call_that_does_not_wait(
    pair: tuple[TlsSocket, Peer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor do many that carry nothing: one look into the kernel, and the others have their turn."""
    tls, peer = pair
    looks: list[int] = []
    receive = tls._receive
    monkeypatch.setattr(tls, "_receive", lambda *how: (looks.append(1), receive(*how))[1])
    wire = peer.records(BODY[:RECORD])
    tls.setblocking(False)
    peer.wire.sendall(wire[:100])
    with pytest.raises(BlockingIOError):
        into(tls, RECORD)
    assert len(looks) == 1
    peer.wire.sendall(wire[100:])
    assert into(tls, RECORD) == BODY[:RECORD]


def test_a_peer_that_reads_no_answers_is_not_answered_for_ever(
    pair: tuple[TlsSocket, Peer],
) -> None:
    tls, peer = pair
    tls.setblocking(False)
    tls.sendall(BODY * 16)  # more than the kernel takes
    peer.wire.sendall(peer.records(b"a question"))
    with pytest.raises(ssl.SSLError, match="without reading"):
        into(tls, RECORD)


def test_a_goodbye_ends_it_though_the_connection_stays(pair: tuple[TlsSocket, Peer]) -> None:
    """Nothing would wake the reactor any more."""
    tls, peer = pair
    peer.wire.sendall(peer.records(BODY[:100]) + peer.goodbye())
    tls.setblocking(False)
    body: Any = SimpleNamespace(sock=tls)
    assert Block().fill(body, RECORD, by_pipe=False) == (100, True)


@pytest.mark.parametrize("says_goodbye", [True, False])
def test_the_end_comes_after_all_that_was_sent(
    pair: tuple[TlsSocket, Peer], says_goodbye: bool
) -> None:
    tls, peer = pair
    wire = peer.records(BODY[:100])
    peer.wire.sendall(wire + (peer.goodbye() if says_goodbye else b""))
    peer.wire.close()
    assert into(tls, RECORD) == BODY[:100]
    assert [into(tls, RECORD), into(tls, RECORD)] == [b"", b""]


def test_what_was_changed_on_the_way_is_an_error(pair: tuple[TlsSocket, Peer]) -> None:
    tls, peer = pair
    wire = bytearray(peer.records(BODY[:100]))
    wire[-1] ^= 1
    peer.wire.sendall(wire)
    with pytest.raises(ssl.SSLError):
        into(tls, RECORD)


def test_who_reads_little_holds_little() -> None:
    """A MiB for each of the threads that open would be as much as the whole engine may take."""
    ciphertext = _Ciphertext()
    assert len(ciphertext.room(RECORD).obj) < 2 * RECORD
    assert len(ciphertext.room(len(BODY))) == len(BODY)


def test_nothing_is_sent_in_the_clear(pair: tuple[TlsSocket, Peer]) -> None:
    tls, peer = pair
    assert tls.send(b"a secret") == 8
    tls.sendall(b"another secret")
    assert b"secret" not in peer.wire.recv(65536)


def test_a_server_that_hangs_up_at_the_greeting_is_a_fault_of_the_network() -> None:
    def hang_up() -> None:
        greeted, _ = listener.accept()
        greeted.recv(65536)
        greeted.shutdown(socket.SHUT_WR)
        gone.wait(10)
        greeted.close()

    gone = threading.Event()
    networks = parse_allowed_networks("127.0.0.1,::1")
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        Client(AddressPolicy(allowed_networks=networks), limits=QUICK) as client,
    ):
        threading.Thread(target=hang_up, daemon=True).start()
        with pytest.raises(NetworkError, match=r"TLS: .*EOF"):
            client.get(f"https://127.0.0.1:{listener.getsockname()[1]}/")
        gone.set()


@pytest.mark.parametrize("detached", [True, False], ids=["drained", "read"])
def test_a_connection_with_more_to_say_serves_no_other_request(
    detached: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unrequested bytes came along with the body, and the kernel no longer sees them."""

    def answer(request: Request, sock: socket.socket) -> None:
        sock.sendall(respond(BODY[:30_000]) + b"y" * 10)

    networks = parse_allowed_networks("127.0.0.1,::1")
    with (
        trusted(tmp_path, monkeypatch) as context,
        Origin({"/": answer}, tls=context) as origin,
        Client(AddressPolicy(allowed_networks=networks), limits=QUICK) as client,
    ):
        for _ in range(2):
            response = client.get(f"https://localhost:{origin.port}/")
            if detached:
                body = response.detach()
                assert body is not None
                assert body.buffered + into(body.sock, body.remaining) == BODY[:30_000]
                body.give_back()
            else:
                assert read_all(response) == BODY[:30_000]
        assert origin.connections == 2
