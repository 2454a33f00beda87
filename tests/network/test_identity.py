"""The owner of a content and a rendition, by the cookies they are fetched with."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from downloads import services
from downloads.engine.core.media import Quality
from downloads.engine.core.options import Options
from downloads.jobs.maintenance import sweep
from downloads.models import Content, Download, Rendition
from downloads.network import credentials
from tests.network.jars import keep
from tests.support.ledger import again, ask, claim_by, failed, status, stored, url, worker

pytestmark = pytest.mark.django_db

SITE = "media.example"


def rendition_of(download: Download) -> Rendition:
    return Rendition.objects.get(pk=again(download).rendition_id)


def test_without_cookies_all_is_shared(alice: Any, bob: Any) -> None:
    at = url()
    first, second = ask(alice, at), ask(bob, at)
    assert (first.content_id, first.rendition_id) == (second.content_id, second.rendition_id)
    assert first.rendition.credential_owner_id is None


def test_with_cookies_content_and_rendition_are_their_owners(alice: Any, bob: Any) -> None:
    at = url()
    keep(alice, SITE)
    alices, bobs = ask(alice, at), ask(bob, at)
    assert alices.content_id != bobs.content_id
    assert alices.content.credential_owner_id == alice.pk
    assert alices.rendition.credential_owner_id == alice.pk
    assert bobs.content.credential_owner_id is None
    assert bobs.rendition.credential_owner_id is None


def test_two_with_cookies_share_nothing(alice: Any, bob: Any) -> None:
    at = url()
    keep(alice, SITE)
    keep(bob, SITE)
    assert ask(alice, at).content_id != ask(bob, at).content_id
    assert Rendition.objects.count() == 2


def test_cookies_of_another_site_change_nothing(alice: Any) -> None:
    keep(alice, "other.example")
    assert ask(alice, url()).rendition.credential_owner_id is None


def test_pasted_twice_it_is_one(alice: Any) -> None:
    at = url()
    keep(alice, SITE)
    first, second = ask(alice, at), services.request(alice, url=at)
    assert (second.download.pk, second.created) == (first.pk, False)
    assert Content.objects.count() == 1


def test_of_the_catalogue_the_content_stays_and_the_file_is_hers(alice: Any, bob: Any) -> None:
    content = Content.objects.create(source_url=url(), url_key="a", in_catalogue=True)
    keep(alice, SITE)
    alices = services.request(alice, content=content).download
    bobs = services.request(bob, content=content).download
    assert alices.content_id == bobs.content_id == content.pk
    assert alices.rendition_id != bobs.rendition_id
    assert alices.rendition.credential_owner_id == alice.pk


def test_a_stored_one_of_hers_is_not_his(alice: Any, bob: Any) -> None:
    content = Content.objects.create(source_url=url(), url_key="a", in_catalogue=True)
    keep(alice, SITE)
    alices = services.request(alice, content=content).download
    stored(claim_by(worker()))
    assert status(alices) == "completed"
    assert status(services.request(bob, content=content).download) == "queued"


def test_a_shared_stored_one_is_not_given_to_who_asks_with_cookies(alice: Any, bob: Any) -> None:
    """A source may show only the trailer without a login."""
    content = Content.objects.create(source_url=url(), url_key="a", in_catalogue=True)
    services.request(bob, content=content)
    stored(claim_by(worker()))
    keep(alice, SITE)
    assert status(services.request(alice, content=content).download) == "queued"


def test_retrying_after_adding_cookies_uses_them(alice: Any, bob: Any) -> None:
    at = url()
    alices, bobs = ask(alice, at), ask(bob, at)
    failed(claim_by(worker()), "login_required")
    keep(alice, SITE)
    services.retry(alice, alices.pk)
    assert rendition_of(alices).credential_owner_id == alice.pk
    assert (status(alices), status(bobs)) == ("queued", "failed")
    services.retry(bob, bobs.pk)
    assert rendition_of(bobs).credential_owner_id is None


def test_resuming_goes_on_with_what_it_began_with(alice: Any) -> None:
    download = ask(alice, url())
    services.pause(alice, download.pk)
    keep(alice, SITE)
    services.resume(alice, download.pk)
    assert again(download).rendition_id == download.rendition_id


def test_cookies_removed_what_was_queued_stays_hers(alice: Any) -> None:
    row = keep(alice, SITE)
    download = ask(alice, url())
    services.delete_cookies(alice, row.pk)
    assert rendition_of(download).credential_owner_id == alice.pk
    assert credentials.cookies_for(alice.pk, download.content.source_url).text == ""
    failed(claim_by(worker()), "login_required")
    services.retry(alice, download.pk)
    assert rendition_of(download).credential_owner_id == alice.pk, "her content stays hers for ever"


def test_catalogue_content_is_fetched_without_cookies(alice: Any) -> None:
    keep(alice, SITE)
    content = services.add_to_catalogue(alice, url())
    assert content.credential_owner_id is None


def test_private_content_never_gets_into_the_catalogue(alice: Any) -> None:
    keep(alice, SITE)
    content, _ = services.add_content(alice, url())
    with pytest.raises(IntegrityError), transaction.atomic():
        services.edit_content(content, in_catalogue=True)


def test_no_other_user_sees_private_content(alice: Any, bob: Any) -> None:
    keep(alice, SITE)
    content, _ = services.add_content(alice, url())
    assert not Content.objects.visible_to(bob).exists()
    services.add_content(bob, content.source_url)
    assert content not in Content.objects.visible_to(bob)


def test_the_account_gone_its_file_is_swept(alice: Any) -> None:
    keep(alice, SITE)
    ask(alice, url())
    gone = alice.pk
    alice.delete()
    assert Content.objects.get().credential_owner_id == gone
    sweep()
    assert not Rendition.objects.exists()
    sweep()
    assert not Content.objects.exists()


def test_one_rendition_for_each_wish(alice: Any) -> None:
    at = url()
    plain = ask(alice, at, Quality.AUDIO)
    mp3 = ask(alice, at, Quality.AUDIO, options=Options(audio="mp3"))
    again_ = services.request(alice, url=at, quality=Quality.AUDIO, options=Options(audio="mp3"))
    assert plain.rendition_id != mp3.rendition_id
    assert (again_.download.pk, again_.created) == (mp3.pk, False)
    assert mp3.rendition.options == "audio=mp3"


def test_a_retry_keeps_its_wish(alice: Any) -> None:
    download = ask(alice, url(), options=Options(container="mkv"))
    failed(claim_by(worker()))
    services.retry(alice, download.pk)
    assert rendition_of(download).options == "container=mkv"
