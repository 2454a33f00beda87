"""A grant opens one URL and nothing beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from downloads.egress.client import Client
from downloads.egress.policy import AddressPolicy
from downloads.exceptions import BlockedAddress
from tests.egress.conftest import QUICK, read_all
from tests.egress.raw_origin import RawOrigin, redirect, respond


@pytest.fixture
def granted(origin: RawOrigin) -> Iterator[Client]:
    """Ferry's own web port, with a grant for its sample."""
    policy = AddressPolicy(
        own_ports=frozenset({origin.port}), grants=frozenset({origin.url("/sample.mp4?v=1")})
    )
    with Client(policy, limits=QUICK) as client:
        yield client


def test_the_granted_url_is_open(granted: Client, origin: RawOrigin) -> None:
    origin.answers["/sample.mp4?v=1"] = respond(b"clip")
    assert read_all(granted.get(origin.url("/sample.mp4?v=1"), start=0)) == b"clip"


@pytest.mark.parametrize(
    "path", ["/sample.mp4", "/sample.mp4?v=2", "/sample.mp4?v=1&x", "/x/../sample.mp4?v=1", "/"]
)
def test_no_other_url_is(path: str, granted: Client, origin: RawOrigin) -> None:
    with pytest.raises(BlockedAddress):
        granted.get(origin.url(path))
    assert origin.connections == 0


def test_nor_over_the_connection_that_the_grant_opened(granted: Client, origin: RawOrigin) -> None:
    origin.answers["/sample.mp4?v=1"] = respond(b"clip")
    origin.answers["/admin"] = respond(b"secret")
    read_all(granted.get(origin.url("/sample.mp4?v=1")))
    with pytest.raises(BlockedAddress):
        granted.get(origin.url("/admin"))
    assert [request.path for request in origin.requests] == ["/sample.mp4?v=1"]


def test_nor_by_a_redirect_from_it(granted: Client, origin: RawOrigin) -> None:
    origin.answers["/sample.mp4?v=1"] = redirect("/admin")
    with pytest.raises(BlockedAddress):
        granted.get(origin.url("/sample.mp4?v=1"))
    assert [request.path for request in origin.requests] == ["/sample.mp4?v=1"]
