"""Each user's socket gets events of their own downloads, and of no other's."""

from __future__ import annotations

from typing import Any

from downloads import services
from downloads.events.announce import announce_downloads, announce_progress
from downloads.models import Rendition
from tests.support.daphne import Daphne
from tests.support.ledger import ask, claim_by, url, worker
from tests.support.socket_page import Page


def test_alice_and_bob_hear_their_own(server: Daphne, alice: Any, bob: Any) -> None:
    with Page(server, alice) as of_alice, Page(server, bob) as of_bob:
        of_alice.next()
        of_bob.next()
        download = ask(alice)
        announce_downloads([download.pk], "requested")
        assert of_alice.until("download:queued")["data"]["downloadId"] == str(download.pk)
        assert of_bob.all() == []


def test_who_paused_hears_no_progress_of_what_both_hold(
    server: Daphne, alice: Any, bob: Any
) -> None:
    shared = url()
    download, of_bob = ask(alice, shared), ask(bob, shared)
    lease = claim_by(worker())
    services.pause(bob, of_bob.pk)
    Rendition.objects.filter(pk=lease.rendition_id).update(seq=100, progress=42.0)

    with Page(server, alice) as alices, Page(server, bob) as bobs:
        alices.next()
        bobs.next()
        Rendition.objects.filter(pk=lease.rendition_id).update(seq=101)
        announce_progress(lease.rendition_id)
        progress = alices.until("download:progress")
        assert progress["data"]["downloadId"] == str(download.pk)
        assert progress["data"]["progress"] == 42.0
        assert bobs.all() == []


def test_two_pages_of_one_user_stay_in_step(server: Daphne, alice: Any) -> None:
    download = ask(alice)
    with Page(server, alice) as one, Page(server, alice) as other:
        one.next()
        other.next()
        services.cancel(alice, download.pk)
        announce_downloads([download.pk], "cancelled")
        assert one.until("download:cancelled") == other.until("download:cancelled")
