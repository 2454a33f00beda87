"""A login in a pasted link is kept as a secret, and its content is its user's alone."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.core import serializers
from django.test import Client
from rest_framework.test import APIClient

from downloads import network, services
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import UnsupportedURL
from downloads.jobs import prober, resolve, runner
from downloads.jobs.kept_resolution import kept_resolution
from downloads.models import Content, Download, Rendition, Transition, WebhookDelivery
from tests.support.content import MIB, content
from tests.support.ledger import again, ask, claim_by, person, worker
from tests.support.origin import Origin

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "HUSH"


def with_login(url: str, secret: str = SECRET) -> str:
    return url.replace("://", f"://alice:{secret}@")


def rows() -> str:
    """Every row that tells of a download, as the database has it."""
    models = (Content, Download, Rendition, Transition, WebhookDelivery)
    return "".join(serializers.serialize("json", model.objects.all()) for model in models)


def authorizations(origin: Origin) -> set[str]:
    found = {
        value
        for asked in origin.log
        for name, value in asked.headers.items()
        if name.lower() == "authorization"
    }
    return {base64.b64decode(one.removeprefix("Basic ")).decode() for one in found if one}


def test_it_is_sent_to_the_source_and_shown_nowhere(origin: Origin) -> None:
    origin.serve("/a.mp4", content(MIB))
    alice, staff = person("alice"), person("staff", is_staff=True, is_superuser=True)
    services.add_webhook(alice, "http://127.0.0.1:9/hook")
    api = APIClient()
    api.force_authenticate(alice)
    answer = api.post("/api/v1/downloads/", {"url": with_login(origin.url("/a.mp4"))})
    assert (answer.status_code, answer.json()["sourceUrl"]) == (201, origin.url("/a.mp4"))
    prober.probe_one()
    runner.run(claim_by(worker()), StopToken())
    download = Download.objects.get()
    assert again(download).status == "completed"
    assert authorizations(origin) == {f"alice:{SECRET}"}

    paths = (f"downloads/{download.pk}/", f"downloads/{download.pk}/events/", "content/")
    own, admin = Client(), Client()
    own.force_login(alice)
    admin.force_login(staff)
    pages = [
        json.dumps(answer.json()),
        rows(),
        *(api.get(f"/api/v1/{path}").content.decode() for path in paths),
        *(own.get(path).content.decode() for path in ("/", f"/downloads/{download.pk}/")),
    ]
    for path in (f"content/{download.content_id}", f"download/{download.pk}", "rendition"):
        seen = admin.get(f"/admin/downloads/{path}/", follow=True)
        assert seen.status_code == 200
        pages.append(seen.content.decode())
    assert [SECRET in page for page in pages] == [False] * len(pages)


def test_it_is_one_users_alone(origin: Origin) -> None:
    url = origin.url("/a.mp4")
    first, second, plain = (
        ask(person("alice"), with_login(url, "a")),
        ask(person("bob"), with_login(url, "b")),
        ask(person("carol"), url),
    )
    assert len({each.content_id for each in (first, second, plain)}) == 3
    assert [each.content.ciphertext != "" for each in (first, second, plain)] == [True, True, False]


def test_the_login_that_was_pasted_last_counts(origin: Origin) -> None:
    origin.serve("/a.mp4", content(MIB))
    alice = person("alice")
    for secret in ("old", "new"):
        asked, _ = services.add_content(alice, with_login(origin.url("/a.mp4"), secret))
    assert Content.objects.count() == 1
    prober.probe_one()
    assert Content.objects.get(pk=asked.pk).probe_status == "ready"
    assert authorizations(origin) == {"alice:new"}


def test_entries_of_a_playlist_too(origin: Origin) -> None:
    alice = person("alice")
    url = with_login(origin.url("/a.mp4"))
    found: Any = services.content.add_contents(alice, {url: "A"})
    assert found[url].source_url == origin.url("/a.mp4")
    assert found[url].credential_owner_id == alice.pk
    assert SECRET not in rows()


def test_the_catalogue_takes_no_login(origin: Origin) -> None:
    with pytest.raises(UnsupportedURL) as refusal:
        services.add_content(person("alice"), with_login(origin.url("/a.mp4")), shared=True)
    assert "host rule" in refusal.value.message
    assert not Content.objects.exists()


def test_what_a_pause_keeps_of_the_source_is_no_secret_in_clear(origin: Origin) -> None:
    """The addresses of streams hold logins and signatures: they are for a resume alone."""
    origin.serve(f"/a.mp4?signature={SECRET}", content(MIB))
    download = ask(person("alice"), f"{origin.url('/a.mp4')}?signature={SECRET}")
    lease = claim_by(worker())
    row = Rendition.objects.select_related("content").get(pk=lease.rendition_id)
    with network.client_for(row, StopToken()) as client:
        resolve.keep(lease, row, resolve.ask_source(row, client), "1")
    Rendition.objects.update(checkpoint={"of": "the bytes that are there"})
    row.refresh_from_db()
    assert SECRET not in row.resolution
    found = kept_resolution(row)
    assert found is not None
    assert SECRET in found.selection.streams[0].url
    other = Rendition(checkpoint=row.checkpoint, resolution=row.resolution)
    assert kept_resolution(other) is None, "another rendition asks its own source"
    assert again(download).status == "running"
