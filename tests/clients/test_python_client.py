"""A Python client that openapi-python-client makes of the schema does the main job."""

from __future__ import annotations

import importlib
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import FILE
from tests.support.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]
NAME = "ferry_client"


@pytest.fixture
def client(schema_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that imports a module of the generated client."""
    config = tmp_path / "config.yml"
    config.write_text(f"post_hooks: []\npackage_name_override: {NAME}\n")
    generator = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    place = ["--path", str(schema_file), "--output-path", str(tmp_path / NAME)]
    done = subprocess.run(
        [*generator, *place, "--config", str(config)], capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # it says what it had to leave out, such as an answer that it cannot read
    assert "warning" not in (done.stdout + done.stderr).lower(), done.stdout
    monkeypatch.syspath_prepend(str(tmp_path))
    yield lambda path: importlib.import_module(f"{NAME}.{path}")
    for name in [each for each in sys.modules if each.partition(".")[0] == NAME]:
        del sys.modules[name]


def test_the_main_job(client: Any, stack: Stack, person: dict[str, str], film: str) -> None:
    models = client("models")
    anyone = client("client").Client(base_url=stack.url)
    login = client("api.auth.auth_login_create").sync
    token = login(client=anyone, body=models.CredentialsRequest(**person)).token
    own = client("client").AuthenticatedClient(base_url=stack.url, token=token)

    def downloads(call: str, *place: Any, **body: Any) -> Any:
        return client(f"api.downloads.downloads_{call}").sync_detailed(*place, client=own, **body)

    asked = downloads("create", body=models.NewDownloadRequest(url=film))
    assert asked.status_code == 201
    deadline = time.monotonic() + 60
    while (now := downloads("retrieve", asked.parsed.id).parsed).status != "completed":
        assert time.monotonic() < deadline, now
        time.sleep(0.1)
    assert (now.size, now.quality) == (len(FILE), "auto")
    page = downloads("list", tab=models.DownloadsListTab("completed")).parsed
    assert [one.id for one in page.results] == [now.id]
    assert page.next_ is None
    file = downloads("file_retrieve", now.id)
    assert file.parsed.payload.read() == FILE

    # what is not named stays: a default in the schema would be sent along
    until = datetime(2035, 1, 1, tzinfo=UTC)
    body = models.PatchedDownloadChangeRequest(expires_at=until)
    kept = downloads("partial_update", now.id, body=body)
    assert (kept.status_code, kept.parsed.expires_at) == (200, until)
    timeline = downloads("events", now.id).parsed
    assert timeline.results[-1].event == "kept"
    link = downloads("link_create", now.id, body=models.NewLinkRequest()).parsed
    assert anyone.get_httpx_client().get(link.url).content == FILE
    assert downloads("destroy", now.id).status_code == 204
    assert downloads("retrieve", now.id).parsed.errors[0].code == "not_found"


def test_a_webhook_keeps_what_a_change_does_not_name(
    client: Any, stack: Stack, person: dict[str, str]
) -> None:
    models = client("models")
    login = client("api.auth.auth_login_create").sync
    anyone = client("client").Client(base_url=stack.url)
    token = login(client=anyone, body=models.CredentialsRequest(**person)).token
    own = client("client").AuthenticatedClient(base_url=stack.url, token=token)
    body = models.NewWebhookRequest(url="https://hook.example/x", description="Ours")
    made = client("api.webhooks.webhooks_create").sync(client=own, body=body)
    change = client("api.webhooks.webhooks_partial_update").sync
    off = change(made.id, client=own, body=models.PatchedWebhookChangeRequest(enabled=False))
    assert (off.enabled, off.description) == (False, "Ours")
    named = change(made.id, client=own, body=models.PatchedWebhookChangeRequest(description="B"))
    assert (named.enabled, named.description, named.events) == (False, "B", made.events)
    listed = client("api.webhooks.webhooks_list").sync(client=own)
    assert [one.id for one in listed.results] == [made.id]
