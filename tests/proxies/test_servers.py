"""The examples for nginx and Caddy, run as they are but for addresses and paths."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.core.files.storage import storages

from config.server.supervisor.port import ReservedPort
from downloads.delivery import links
from downloads.models import Rendition
from tests.delivery.files import completed
from tests.proxies.front import HOST, Front, WebProcess, behind_nginx
from tests.support.shell import ROOT
from tests.support.socket_page import cookie_of

pytestmark = pytest.mark.django_db(transaction=True)

BIG = 3 * 2**30  # bytes; sparse
CADDY = """{{
	admin off
	skip_install_trust
	http_port {http}
	storage file_system {folder}
}}
"""


@pytest.fixture(scope="module")
def web(django_db_setup: None, django_db_blocker: Any) -> Iterator[WebProcess]:
    with django_db_blocker.unblock(), WebProcess() as running:
        yield running


@pytest.fixture(scope="module")
def nginx(web: WebProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with behind_nginx(tmp_path_factory.mktemp("nginx"), upstream=f"127.0.0.1:{web.port}") as front:
        yield front


@pytest.fixture(scope="module")
def caddy(web: WebProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("caddy is not here")
    folder, port, http = tmp_path_factory.mktemp("caddy"), ReservedPort(), ReservedPort()
    site = (ROOT / "docs" / "examples" / "Caddyfile").read_text()
    # its own authority signs the certificate, as no public one would
    site = site.replace("{$SITE:localhost} {", "{$SITE:localhost} {\n\ttls internal")
    (folder / "Caddyfile").write_text(CADDY.format(http=http.number, folder=folder) + site)
    told = {"SITE": f"{HOST}:{port.number}", "FERRY": f"127.0.0.1:{web.port}", "HOME": str(folder)}
    process = subprocess.Popen(
        [program, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"],
        env={"PATH": os.environ["PATH"], **told},
        stderr=(folder / "log").open("wb"),
    )
    authority = folder / "pki" / "authorities" / "local" / "root.crt"
    front = Front(port.number, authority)
    try:
        deadline = time.monotonic() + 30
        while not _answers(front):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        yield front
    finally:
        process.terminate()
        process.wait(30)
        port.release()
        http.release()


def _answers(front: Front) -> bool:
    try:
        return front.authority.exists() and front.ask("/healthz").status == 200
    except OSError:
        return False


@pytest.fixture(params=["nginx", "caddy"])
def front(request: pytest.FixtureRequest) -> Front:
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


def test_a_socket_opens_and_is_told_at_once(front: Front, admin_user: Any) -> None:
    download = completed()
    with front.socket(cookie_of(download.user)) as socket:
        assert json.loads(socket.recv(30))["event"] == "download:snapshot"


def test_a_big_file_by_its_length_and_its_end(front: Front) -> None:
    download = completed(b"")
    path = Path(storages["media"].path(download.rendition.storage_name))
    with path.open("wb") as file:
        file.truncate(BIG)
        file.seek(BIG - 4)
        file.write(b"last")
    Rendition.objects.update(size=BIG, sha256="")
    target = links.sign(download.pk, 600).path

    assert front.ask(target, "HEAD")["Content-Length"] == str(BIG)
    tail = front.ask(target, Range="bytes=-4")
    assert (tail.status, tail.body) == (206, b"last")
    assert tail["Content-Range"] == f"bytes {BIG - 4}-{BIG - 1}/{BIG}"
    middle = front.ask(target, Range=f"bytes={2**31}-{2**31 + 9}")
    assert (middle.status, middle.body) == (206, bytes(10))
    whole = front.ask(target, length=2**20)  # and the client hangs up
    assert (whole.status, whole["Content-Length"], len(whole.body)) == (200, str(BIG), 2**20)


def test_what_is_too_large_is_told_by_ferry(front: Front) -> None:
    """In JSON: a page of the proxy would tell a program nothing."""
    told = {"Content_Type": "application/json"}
    parts = [b"[" + b"1," * 50_000] * 20  # 2 MB, sent in chunks without a length
    for body in (b"[" + b"1," * 10**6, iter(parts)):
        answer = front.ask("/api/v1/auth/login/", "POST", body=body, **told)
        assert answer.status == 413
        assert json.loads(answer.body)["errors"][0]["code"] == "request_too_large"


def test_a_body_that_comes_in_chunks_is_read_whole(front: Front) -> None:
    body = iter([b'{"username": "mallory",', b' "password": "', b"x" * 100_000, b'"}'])
    answer = front.ask("/api/v1/auth/login/", "POST", body=body, Content_Type="application/json")
    assert answer.status == 400
    assert b"password" in answer.body


def test_the_client_is_who_reached_the_proxy(front: Front) -> None:
    """Not who a client says it is: the proxy's word counts, and only its own."""
    elsewhere = Front(front.port, front.authority, source="127.0.0.2")
    body = json.dumps({"username": "mallory", "password": "wrong"}).encode()
    said = {"X_Forwarded_For": "198.51.100.7", "Content_Type": "application/json"}
    assert elsewhere.ask("/api/v1/auth/login/", "POST", body=body, **said).status in (400, 401)
    assert AccessAttempt.objects.get().ip_address == "127.0.0.2"


def test_addresses_and_cookies_are_https(front: Front) -> None:
    page = front.ask("/accounts/login/")
    assert page.status == 200
    assert page["Strict-Transport-Security"] == "max-age=31536000"
    assert "; Secure" in str(page["Set-Cookie"])
    assert front.ask("/")["Location"] == "/accounts/login/?next=/"
    assert front.ask("/healthz", X_Forwarded_Proto="http").status == 200


def test_a_link_that_has_run_out_is_refused(front: Front) -> None:
    answer = front.ask(links.sign(completed().pk, -1).path)
    assert (answer.status, json.loads(answer.body)["errors"][0]["code"]) == (403, "link_expired")
    assert settings.SECRET_KEY  # the process and this test sign by the same
