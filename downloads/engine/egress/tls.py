"""TLS over a connected socket, read in large pieces.

``ssl.SSLSocket`` asks the kernel twice for each record of 16 KiB: once for its head, once for
its body. Here one call brings many records, which OpenSSL then decrypts from memory: an eighth
less processor time for a fast download.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import ReadableBuffer, WriteableBuffer

_RECEIVED = 1024 * 1024  # the most that is taken from the kernel at once
_RECORD = 16 * 1024 + 512  # the least: a record, so that a small read is no small call
_UNSENT = 64 * 1024  # bytes of answers that a peer may leave unread
_FED = 128 * 1024  # passed to OpenSSL at once, so that a connection's own memory stays small


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Return a context that verifies against the system's certificates, or certifi's if it has
    none."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    paths = ssl.get_default_verify_paths()
    if not paths.cafile and not (paths.capath and any(os.scandir(paths.capath))):
        import certifi

        context.load_verify_locations(certifi.where())
    return context


class _Ciphertext(threading.local):
    """A buffer for each thread: between two calls nothing is left in it.

    A large one only for the thread that reads much, the reactor: there are as many threads that
    open as connections.
    """

    def __init__(self) -> None:
        self._view = memoryview(bytearray(_RECORD))

    def room(self, most: int) -> memoryview:
        if most > len(self._view):
            self._view = memoryview(bytearray(_RECEIVED))
        return self._view[:most]


_ciphertext = _Ciphertext()


class TlsSocket(socket.socket):
    """A TLS socket that behaves as a plain one does: blocking, with a timeout, or not.

    Takes ``sock`` over, with its timeout. Used by one thread at a time. A peer that closes without
    close_notify is the end of the stream: the reader knows how much was promised.
    """

    def __init__(self, sock: socket.socket, host: str) -> None:
        """``host`` is the SNI, and the name that the certificate must prove."""
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = tls_context().wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        # with a buffer it returns a count, which typeshed does not know
        self._read = cast("Callable[[int, memoryview], int]", self._tls.read)
        self._unsent = b""
        self.ended = False  # nothing more comes, and nothing is pending
        timeout = sock.gettimeout()
        super().__init__(sock.family, sock.type, sock.proto, fileno=sock.detach())
        self.settimeout(timeout)

    def do_handshake(self) -> None:
        """Do the handshake. Raises ssl.SSLError, OSError, and TimeoutError, after which it must be
        called again."""
        until = self._until()
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._send()
                if arrived := self._receive(_RECORD, until):
                    self._incoming.write(arrived)  # else OpenSSL says what the end means
            except ssl.SSLError:
                with contextlib.suppress(OSError):
                    self._send(socket.MSG_DONTWAIT)  # the alert that says why
                raise
            else:
                self._send()
                return

    def pending(self) -> int:
        """Return the number of bytes received and not yet read, decrypted or not."""
        return self._tls.pending() + self._incoming.pending

    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0) -> int:
        """Read the available bytes, after one wait at most. Return their count."""
        view = memoryview(buffer)
        view = view[: nbytes or len(view)]
        filled = self._decrypt(view)
        until = self._until()
        while not filled and not self.ended and len(view):
            arrived = self._receive(max(len(view), _RECORD), until)
            for start in range(0, len(arrived), _FED):
                self._incoming.write(arrived[start : start + _FED])
                filled += self._decrypt(view[filled:])
            if not (filled or self.ended or self.getblocking()):
                # Half a record, or many that carry nothing: other connections come first.
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return filled

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        block = bytearray(bufsize)
        return bytes(block[: self.recv_into(block)])

    def sendall(self, data: ReadableBuffer, flags: int = 0) -> None:
        self._tls.write(data)
        self._send()

    def send(self, data: ReadableBuffer, flags: int = 0) -> int:
        self.sendall(data)
        return memoryview(data).nbytes

    def _until(self) -> float | None:
        """Return the deadline of a call that begins now, however little comes meanwhile."""
        timeout = self.gettimeout()
        return time.monotonic() + timeout if timeout else None

    def _receive(self, most: int, until: float | None) -> memoryview:
        """Return ciphertext; nothing once the peer has closed."""
        if until is not None and time.monotonic() >= until:
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        view = _ciphertext.room(most)
        count = super().recv_into(view)
        if count == 0:
            self._incoming.write_eof()
            self.ended = True
        return view[:count]

    def _decrypt(self, view: memoryview) -> int:
        # 60,000 turns for each GiB, with one record each: what stands in the loop counts
        read, filled, most = self._read, 0, len(view)
        try:
            while filled < most:
                count = read(most - filled, view[filled:])
                if count == 0:
                    self.ended = True
                    break
                filled += count
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLEOFError:
            self.ended = True
        self._answer()
        return filled

    def _answer(self) -> None:
        """Send the protocol's own answers, without losing decrypted bytes on an error."""
        if self.ended:
            return
        with contextlib.suppress(ConnectionError):  # the next read says so
            self._send(socket.MSG_DONTWAIT)
        if len(self._unsent) > _UNSENT:
            raise ssl.SSLError("the peer asks without reading the answers")

    def _send(self, flags: int = 0) -> None:
        """Send the output of OpenSSL; the kernel takes the rest with the next call."""
        if self._outgoing.pending:
            self._unsent += self._outgoing.read()
        while self._unsent:
            try:
                sent = super().send(self._unsent, flags)
            except BlockingIOError:
                return
            except TimeoutError:
                if flags:  # Python waits for the timeout despite MSG_DONTWAIT
                    return
                raise
            self._unsent = self._unsent[sent:]
