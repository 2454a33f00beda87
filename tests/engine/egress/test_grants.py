"""A grant opens one URL and nothing beside it; one of a folder the files in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from downloads.engine.core.errors import BlockedAddress
from downloads.engine.egress.client import Client
from downloads.engine.egress.policy import AddressPolicy
from tests.engine.egress.conftest import QUICK, read_all
from tests.support.answers import redirect, respond
from tests.support.origin import Origin


@pytest.fixture
def granted(origin: Origin) -> Iterator[Client]:
    """Ferry's own web port, with a grant for its sample."""
    policy = AddressPolicy(
        own_ports=frozenset({origin.port}), grants=frozenset({origin.url("/sample.mp4?v=1")})
    )
    with Client(policy, limits=QUICK) as client:
        yield client


def test_the_granted_url_is_open(granted: Client, origin: Origin) -> None:
    origin.answers["/sample.mp4?v=1"] = respond(b"clip")
    assert read_all(granted.get(origin.url("/sample.mp4?v=1"), start=0)) == b"clip"


def test_dots_are_gone_before_it_is_judged(granted: Client, origin: Origin) -> None:
    """The granted URL is sent to the letter."""
    origin.answers["/sample.mp4?v=1"] = respond(b"clip")
    assert read_all(granted.get(origin.url("/x/.%2E/./sample.mp4?v=1"))) == b"clip"
    assert origin.log[0].target == "/sample.mp4?v=1"


@pytest.mark.parametrize(
    "path", ["/sample.mp4", "/sample.mp4?v=2", "/sample.mp4?v=1&x", "/x/..%2fsample.mp4?v=1", "/"]
)
def test_no_other_url_is(path: str, granted: Client, origin: Origin) -> None:
    with pytest.raises(BlockedAddress):
        granted.get(origin.url(path))
    assert origin.connections == 0


def test_nor_over_the_connection_that_the_grant_opened(granted: Client, origin: Origin) -> None:
    origin.answers["/sample.mp4?v=1"] = respond(b"clip")
    origin.answers["/admin"] = respond(b"secret")
    read_all(granted.get(origin.url("/sample.mp4?v=1")))
    with pytest.raises(BlockedAddress):
        granted.get(origin.url("/admin"))
    assert [request.target for request in origin.log] == ["/sample.mp4?v=1"]


def test_nor_by_a_redirect_from_it(granted: Client, origin: Origin) -> None:
    origin.answers["/sample.mp4?v=1"] = redirect("/admin")
    with pytest.raises(BlockedAddress):
        granted.get(origin.url("/sample.mp4?v=1"))
    assert [request.target for request in origin.log] == ["/sample.mp4?v=1"]


@pytest.fixture
def folder(origin: Origin) -> Iterator[Client]:
    """Ferry's own web port, with a grant for a folder."""
    policy = AddressPolicy(
        own_ports=frozenset({origin.port}), grants=frozenset({origin.url("/sample/crossing/")})
    )
    with Client(policy, limits=QUICK) as client:
        yield client


@pytest.mark.parametrize("name", ["master.m3u8", "720p-0.m4s", "deeper/a_b.c.d"])
def test_what_lies_in_a_granted_folder_is_open(name: str, folder: Client, origin: Origin) -> None:
    origin.answers[f"/sample/crossing/{name}"] = respond(b"piece")
    assert read_all(folder.get(origin.url(f"/sample/crossing/{name}"), start=0)) == b"piece"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/admin",
        "/sample/crossing",
        "/sample/crossing.mp4",
        "/sample/crossings/a",
        "/sample/crossing/../crossing.mp4",
        "/sample/crossing/..",
        "/sample/crossing/./%2e./a",
        "/sample/crossing/.lock",
        "/sample/crossing/a/",
        "/sample/crossing//a",
        "/sample/crossing/%2e%2e/admin",
        "/sample/crossing/%2E%2E/admin",
        "/sample/crossing/..%2fadmin",
        "/sample/crossing/a%00",
        "/sample/crossing/..\\admin",
        "/sample/crossing/..;/admin",
        "/sample/crossing/a?next=/admin",
        "/sample/crossing/?a",
        "/SAMPLE/crossing/a",
    ],
)
def test_nothing_that_may_lead_out_of_it_is(path: str, folder: Client, origin: Origin) -> None:
    with pytest.raises(BlockedAddress):
        folder.get(origin.url(path))
    assert origin.connections == 0


def test_nor_is_the_folder_of_another_server(
    folder: Client, origin: Origin, canary: Origin
) -> None:
    others = (
        canary.url("/sample/crossing/a"),
        f"http://localhost:{origin.port}/sample/crossing/a",
        f"https://127.0.0.1:{origin.port}/sample/crossing/a",
        f"http://127.0.0.1:{origin.port}@127.0.0.1:{canary.port}/sample/crossing/a",
    )
    for other in others:
        with pytest.raises(BlockedAddress):
            folder.get(other)
    assert origin.connections == canary.connections == 0


def test_nor_what_a_redirect_leads_to_from_there(folder: Client, origin: Origin) -> None:
    origin.answers["/sample/crossing/a"] = redirect("/sample/crossing/../../admin")
    with pytest.raises(BlockedAddress):
        folder.get(origin.url("/sample/crossing/a"))
    assert [request.target for request in origin.log] == ["/sample/crossing/a"]


def test_nor_over_the_connection_of_a_file_in_it(folder: Client, origin: Origin) -> None:
    origin.answers["/sample/crossing/a"] = respond(b"piece")
    read_all(folder.get(origin.url("/sample/crossing/a")))
    with pytest.raises(BlockedAddress):
        folder.get(origin.url("/admin"))
    assert [request.target for request in origin.log] == ["/sample/crossing/a"]


def test_no_grant_is_of_a_whole_server(origin: Origin) -> None:
    policy = AddressPolicy(own_ports=frozenset({origin.port}), grants=frozenset({origin.url("/")}))
    assert policy.grants_url(origin.url("/"))
    assert not policy.grants_url(origin.url("/admin"))
