"""The address of a client: a proxy named by TRUSTED_PROXIES tells it, and no other peer."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync

from config.parsing import trusted_proxies
from config.server.client_address import ForwardedAddress, subscriber

PROXIES = ("10.0.0.0/8", "127.0.0.1/32", "fd00::/8")


def seen(
    peer: str | None, *headers: tuple[bytes, bytes], trusted: tuple[str, ...] = PROXIES
) -> dict[str, Any]:
    """The scope that the application gets."""
    found: dict[str, Any] = {}

    async def application(scope: Any, receive: Any, send: Any) -> None:
        found.update(scope)

    async def run() -> None:
        told = {"type": "http", "client": peer and [peer, 1234], "headers": list(headers)}
        proxies = trusted_proxies(",".join(trusted))
        await ForwardedAddress(application, proxies)(told, None, None)  # type: ignore[arg-type]

    async_to_sync(run)()
    return found


def forwarded(value: str) -> tuple[bytes, bytes]:
    return (b"x-forwarded-for", value.encode())


@pytest.mark.parametrize(
    ("peer", "value", "client"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),  # the first is the client's word
        ("10.0.0.1", "203.0.113.9, 10.1.1.1, 127.0.0.1", "203.0.113.9"),  # two proxies in a row
        ("10.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("fd00::1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),  # no proxy of ours
        ("10.0.0.1", "1.1.1.1," * 10_000 + "203.0.113.9", "203.0.113.9"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_clients_address(peer: str, value: str, client: str) -> None:
    found = seen(peer, forwarded(value))["client"][0]
    assert subscriber(found) == subscriber(client)


def test_several_headers_are_one(db: None) -> None:
    assert seen("10.0.0.1", forwarded("198.51.100.1"), forwarded("203.0.113.9"))["client"][0] == (
        "203.0.113.9"
    )


def test_a_stranger_sets_no_scheme() -> None:
    proto = (b"x-forwarded-proto", b"https")
    assert proto in seen("10.0.0.1", proto)["headers"]
    assert seen("192.0.2.1", proto, forwarded("203.0.113.9"))["headers"] == []


def test_without_trusted_proxies_no_address_is_believed() -> None:
    found = seen("10.0.0.1", forwarded("203.0.113.9"), (b"x-forwarded-proto", b"https"), trusted=())
    assert found["client"][0] == "10.0.0.1"
    assert (b"x-forwarded-proto", b"https") in found["headers"]  # as BEHIND_HTTPS_PROXY says


def test_at_a_unix_socket_the_word_of_a_client_counts_if_said_so() -> None:
    told = forwarded("198.51.100.1, 203.0.113.9"), (b"x-forwarded-proto", b"https")
    believed = seen(None, *told, trusted=("unix",))
    assert (believed["client"], believed["headers"]) == (["203.0.113.9", 0], list(told))
    assert seen(None, trusted=("unix",))["client"] is None
    assert seen(None, forwarded("203.0.113.9"), trusted=("unix", "203.0.113.0/24"))["client"]
    stranger = seen(None, *told, trusted=("127.0.0.1",))
    assert (stranger["client"], stranger["headers"]) == (None, [])
    assert seen("10.0.0.1", *told, trusted=("unix",))["client"][0] == "10.0.0.1"


def test_addresses_of_one_subscriber_count_as_one() -> None:
    assert subscriber("2001:db8:1:2:3::4") == subscriber("2001:db8:1:2:ffff::1")
    assert subscriber("2001:db8:1:2::1") != subscriber("2001:db8:1:3::1")
    assert subscriber("fe80::1%eth0") == "fe80::"
    assert subscriber("nonsense") is None
