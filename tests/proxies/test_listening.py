"""A web process that listens on IPv6 and on a Unix socket, through nginx and directly."""

from __future__ import annotations

import json
import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from axes.models import AccessAttempt
from knox.models import get_token_model

from config.server import healthcheck
from downloads.delivery import links
from tests.delivery.files import BYTES, completed
from tests.proxies.front import HOST, Front, WebProcess, behind_nginx
from tests.support.socket_page import cookie_of
from tests.support.stack import until

pytestmark = pytest.mark.django_db(transaction=True)

WRONG = json.dumps({"username": "mallory", "password": "wrong"}).encode()
JSON = {"Content_Type": "application/json"}


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Not in pytest's folder: the path of a socket is short."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "web.sock"
        with socket.socket(socket.AF_UNIX) as killed:
            killed.bind(str(path))
        yield path


@pytest.fixture(scope="module")
def web(place: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[WebProcess]:
    told = {
        "HOST": "[::1]",
        "ALLOWED_HOSTS": f"{HOST}, ::1",
        "TRUSTED_PROXIES": "unix, ::1",
        "UNIX_SOCKET": str(place),
        "UNIX_SOCKET_MODE": "620",
        "UNIX_SOCKET_GROUP": str(os.getgid()),
    }
    with django_db_blocker.unblock(), WebProcess(**told) as running:
        until(place.exists)
        yield running


@pytest.fixture(scope="module")
def by_socket(
    web: WebProcess, place: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    """As the example says in its remark."""
    folder = tmp_path_factory.mktemp("nginx")
    with behind_nginx(folder, upstream=f"unix:{place}") as front:
        yield front


@pytest.fixture(scope="module")
def by_ipv6(web: WebProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    with behind_nginx(folder, upstream=f"[::1]:{web.port}") as front:
        yield front


@pytest.fixture(params=["by_socket", "by_ipv6"])
def front(request: pytest.FixtureRequest) -> Front:
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


def test_only_its_group_may_connect(web: WebProcess, place: Path) -> None:
    """And what a killed process had left at its path did not keep it from starting."""
    found = place.stat()
    assert stat.S_ISSOCK(found.st_mode)
    assert (stat.S_IMODE(found.st_mode), found.st_gid) == (0o620, os.getgid())


def test_files_and_sockets_come_through(front: Front) -> None:
    download = completed()
    answer = front.ask(links.sign(download.pk, 600).path, Range="bytes=5-9")
    assert (answer.status, answer.body) == (206, BYTES[5:10])
    with front.socket(cookie_of(download.user)) as opened:
        assert json.loads(opened.recv(30))["event"] == "download:snapshot"


def test_the_client_is_who_reached_nginx(front: Front) -> None:
    elsewhere = Front(front.port, front.authority, source="127.0.0.3")
    elsewhere.ask("/api/v1/auth/login/", "POST", body=WRONG, X_Forwarded_For="198.51.100.7", **JSON)
    assert AccessAttempt.objects.get().ip_address == "127.0.0.3"
    assert "; Secure" in str(front.ask("/accounts/login/")["Set-Cookie"])


def test_an_ipv6_address_is_a_name_to_be_called_by(web: WebProcess) -> None:
    download = completed()
    _, token = get_token_model().objects.create(user=download.user)
    here = f"http://[::1]:{web.port}"
    answer = requests.post(
        f"{here}/api/v1/downloads/{download.pk}/link/",
        json={"expiresInSeconds": 60},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.json()["url"].startswith(f"{here}/d/")


def test_the_health_check_asks_by_ipv6(web: WebProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in web.environment.items():
        monkeypatch.setenv(name, value)
    assert healthcheck.web() == ""
