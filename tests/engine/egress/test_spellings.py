"""No spelling of an inside address gets one connection through."""

from __future__ import annotations

import pytest

from downloads.engine.core.errors import BlockedAddress, DownloadError, NetworkError, UnsupportedURL
from downloads.engine.egress.client import Client
from downloads.engine.egress.policy import AddressPolicy
from downloads.engine.egress.target import parse
from tests.engine.egress.conftest import QUICK
from tests.support.answers import redirect
from tests.support.origin import Origin

HOSTS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7f.0x0.0x0.0x1",
    "017700000001",
    "0177.0.0.1",
    "0",
    "0.0.0.0",
    "127.0.0.1.",
    "localhost",
    "LocalHost",
    "localhost.",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "\uff11\uff12\uff17.0.0.1",  # full-width digits
    "127\u30020\u30020\u30021",  # ideographic full stops
    "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3",  # circled letters
    "127%2e0%2e0%2e1",
    "%6c%6f%63%61%6c%68%6f%73%74",
    "public.example@127.0.0.1",
    "public.example:80@127.0.0.1",
    "public.example%2f@127.0.0.1",
    "169.254.169.254",
    "[fd00:ec2::254]",
]
UNREADABLE = [
    "127.0.0.1 ",
    "127.0.0.1%00.public.example",
    "127.0.0.1%0d%0aHost:x",
    "[::1",
    "[v1.x]",
    "",
]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_spelling_is_blocked(host: str, scheme: str, canary: Origin) -> None:
    with Client(AddressPolicy(), limits=QUICK) as client, pytest.raises(BlockedAddress):
        client.get(f"{scheme}://{host}:{canary.port}/")


@pytest.mark.parametrize("host", ["127.0.0.1\t", "127.0\n.0.1", "public.example@127.0.0.1"])
def test_what_a_browser_drops_leads_no_further(host: str, canary: Origin) -> None:
    with Client(AddressPolicy(), limits=QUICK) as client, pytest.raises(BlockedAddress):
        client.get(f"http://{host}:{canary.port}/")


def test_a_backslash_ends_the_host_as_in_a_browser(canary: Origin) -> None:
    """The host checked and connected to is the part in front of it."""
    target = parse("http://public.example\\@127.0.0.1/x")
    assert (target.host, target.path, target.credentials) == (
        "public.example",
        "/@127.0.0.1/x",
        None,
    )


@pytest.mark.parametrize("host", UNREADABLE)
def test_what_two_parsers_would_read_differently_is_no_url(host: str, canary: Origin) -> None:
    with Client(AddressPolicy(), limits=QUICK) as client, pytest.raises(UnsupportedURL):
        client.get(f"http://{host}:{canary.port}/")


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]", "localhost"])
def test_a_redirect_inside_is_blocked(
    host: str, client: Client, origin: Origin, canary: Origin
) -> None:
    origin.answers["/"] = redirect(f"http://{host}:{canary.port}/secret")
    with pytest.raises(BlockedAddress):
        client.get(origin.url())


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:6379/_x", "data:,x"]
)
def test_a_redirect_to_another_scheme_is_blocked(
    location: str, client: Client, origin: Origin
) -> None:
    origin.answers["/"] = redirect(location)
    with pytest.raises(BlockedAddress, match="redirect to"):
        client.get(origin.url())


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://h/", "h/x", "//h/x", "ftp:h", ""])
def test_only_http_and_https(url: str) -> None:
    with Client(AddressPolicy()) as client, pytest.raises(UnsupportedURL):
        client.get(url)


def test_errors_name_no_credential(origin: Origin, client: Client) -> None:
    origin.answers["/x"] = None
    url = origin.url("/x").replace("://", "://alice:hunter2@")
    with pytest.raises(NetworkError) as caught:
        client.get(url)
    assert isinstance(caught.value, DownloadError)
    assert "hunter2" not in f"{caught.value} {caught.value.message} {caught.value.detail}"
