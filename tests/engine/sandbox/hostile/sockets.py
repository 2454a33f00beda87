"""Connections to anybody but the egress proxy."""

from __future__ import annotations

import socket


def tcp(port: str) -> str:
    with socket.create_connection(("127.0.0.1", int(port)), timeout=3):
        return "connected"


def tcp_at(address: str, port: str) -> str:
    with socket.create_connection((address, int(port)), timeout=3):
        return "connected"


def tcp6(port: str) -> str:
    with socket.create_connection(("::1", int(port)), timeout=3):
        return "connected"


def udp(port: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        return sock.sendto(b"hostile", ("127.0.0.1", int(port)))


def unix(path: str) -> str:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(path)
        return "connected"


def abstract(name: str) -> str:
    return unix("\0" + name)


def unix_through_a_datagram_pair(path: str) -> int:
    mine, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    return mine.sendto(b"hostile", path)


def multipath_tcp(port: str) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as sock:
        sock.settimeout(3)
        sock.connect(("127.0.0.1", int(port)))
        return "connected"


def fast_open(port: str) -> int:
    with socket.socket() as sock:
        sock.settimeout(3)
        return sock.sendto(b"hostile", 0x20000000, ("127.0.0.1", int(port)))


def fast_open_by_sendmsg(port: str) -> int:
    with socket.socket() as sock:
        sock.settimeout(3)
        return sock.sendmsg([b"hostile"], (), 0x20000000, ("127.0.0.1", int(port)))


def listen_bound() -> int:
    sock = socket.create_server(("127.0.0.1", 0))
    return int(sock.getsockname()[1])


def listen_unbound() -> int:
    sock = socket.socket()
    sock.listen()
    return int(sock.getsockname()[1])


def raw() -> str:
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()
    return "opened"


def packet() -> str:
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()
    return "opened"


def netlink() -> str:
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()
    return "opened"


def vsock() -> str:
    socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()
    return "opened"


def stream_pair() -> str:
    one, other = socket.socketpair()
    one.sendall(b"own")
    return other.recv(10).decode()
