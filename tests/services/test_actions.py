"""Cancel, pause, resume, retry, delete: from every status, alone and shared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db.models.functions import Now

from downloads import services
from downloads.models import Download, Rendition
from downloads.queue.demand import idle_if_unwanted
from downloads.queue.timeline import TransitionNote
from downloads.queue.transitions import move
from tests.support.ledger import again, ask, claim_by, failed, person, status, stored, url, worker

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_commits")]


@pytest.fixture
def _commits(django_capture_on_commit_callbacks: Any) -> Any:
    """Let what waits for the commit happen at the end of each service's transaction."""
    with django_capture_on_commit_callbacks(execute=True):
        yield


def queued(download: Download) -> None:
    """It begins so."""


def running(download: Download) -> None:
    claim_by(worker())


def paused(download: Download) -> None:
    services.pause(download.user, download.pk)


def completed(download: Download) -> None:
    stored(claim_by(worker()))


def failure(download: Download) -> None:
    failed(claim_by(worker()))


def cancelled(download: Download) -> None:
    services.cancel(download.user, download.pk)


def expired(download: Download) -> None:
    Download.objects.update(expires_at=Now())


STATES: dict[str, Callable[[Download], None]] = {
    "queued": queued,
    "running": running,
    "paused": paused,
    "completed": completed,
    "failed": failure,
    "cancelled": cancelled,
    "expired": expired,
}
OUTCOMES = {
    "cancel": dict.fromkeys(("queued", "running", "paused", "cancelled"), "cancelled"),
    "pause": dict.fromkeys(("queued", "running", "paused"), "paused"),
    "resume": {"paused": "queued", "queued": "queued", "running": "running"},
    "retry": {
        **dict.fromkeys(("failed", "cancelled", "expired", "queued"), "queued"),
        "running": "running",
    },
}
TABLE = [(action, state, OUTCOMES[action].get(state)) for action in OUTCOMES for state in STATES]


@pytest.mark.parametrize(("action", "state", "outcome"), TABLE)
def test_the_table_of_the_contract(action: str, state: str, outcome: str | None) -> None:
    alice = person("alice")
    download = ask(alice)
    STATES[state](download)
    assert status(download) == state
    if outcome is None:
        with pytest.raises(services.InvalidState, match=action):
            services.act(alice, download.pk, action)
        assert status(download) == state
    else:
        services.act(alice, download.pk, action)
        assert status(download) == outcome


@pytest.mark.parametrize("action", ["cancel", "pause", "resume", "retry", "delete"])
def test_what_is_anothers_does_not_exist(action: str) -> None:
    download = ask(person("alice"))
    with pytest.raises(Download.DoesNotExist):
        services.act(person("bob"), download.pk, action)
    assert status(download) == "queued"


def test_a_pause_of_one_holder_does_not_stop_the_other() -> None:
    alice, bob, at = person("alice"), person("bob"), url()
    first, second = ask(alice, at), ask(bob, at)
    services.pause(alice, first.pk)
    assert (status(first), status(second)) == ("paused", "queued")
    assert Rendition.objects.get().status == "queued"


def test_an_unwanted_rendition_rests_and_is_queued_again_by_resume() -> None:
    alice = person("alice")
    download = ask(alice)
    services.pause(alice, download.pk)
    assert Rendition.objects.get().status == "idle"
    services.resume(alice, download.pk)
    assert Rendition.objects.get().status == "queued"


def test_running_work_rests_under_its_lease_only() -> None:
    alice = person("alice")
    download = ask(alice)
    lease = claim_by(worker())
    services.pause(alice, download.pk)
    assert Rendition.objects.get().status == "running", "its worker puts it down"
    assert idle_if_unwanted(lease.rendition_id, lease=lease.token)
    assert Rendition.objects.get().status == "idle"


def test_a_resume_before_the_worker_looked_goes_on_running() -> None:
    alice = person("alice")
    download = ask(alice)
    lease = claim_by(worker())
    services.pause(alice, download.pk)
    services.resume(alice, download.pk)
    assert not idle_if_unwanted(lease.rendition_id, lease=lease.token)
    assert status(download) == "running"


def test_a_paused_download_reads_completed_once_the_bytes_are_there() -> None:
    alice, bob, at = person("alice"), person("bob"), url()
    first = ask(alice, at)
    ask(bob, at)
    services.pause(alice, first.pk)
    stored(claim_by(worker()))
    assert status(first) == "completed"


def test_a_pause_keeps_the_checkpoint_and_a_cancel_does_not() -> None:
    alice = person("alice")
    kept, dropped = ask(alice, "https://a.example/1"), ask(alice, "https://b.example/2")
    Rendition.objects.update(checkpoint={"version": 1}, bytes_done=5)
    services.pause(alice, kept.pk)
    services.cancel(alice, dropped.pk)
    assert Rendition.objects.get(pk=kept.rendition_id).checkpoint is not None
    assert Rendition.objects.get(pk=dropped.rendition_id).checkpoint is None


def test_a_failure_is_cleared_by_its_own_retry_only() -> None:
    alice, bob, at = person("alice"), person("bob"), url()
    first, second = ask(alice, at), ask(bob, at)
    failed(claim_by(worker()))
    assert (status(first), status(second)) == ("failed", "failed")
    services.retry(bob, second.pk)
    assert (status(first), status(second)) == ("failed", "queued")


def test_seq_grows_with_every_action_also_when_the_rendition_changes() -> None:
    alice = person("alice")
    download = ask(alice)
    seen = [again(download).seq]
    for action in ("pause", "resume", "cancel", "retry"):
        services.act(alice, download.pk, action)
        seen.append(again(download).seq)
    stored(claim_by(worker()))
    seen.append(again(download).seq)
    Download.objects.update(expired_at=Now())
    Rendition.objects.update(verified_at=None)
    services.retry(alice, download.pk)
    seen.append(again(download).seq)
    assert seen == sorted(set(seen))


def put_file(rendition: Rendition) -> str:
    name: str = storages["media"].save(rendition.storage_name, ContentFile(b"x" * 10))
    return name


def test_the_bytes_go_with_the_last_holder() -> None:
    alice, bob, at = person("alice"), person("bob"), url()
    first, second = ask(alice, at), ask(bob, at)
    name = put_file(stored(claim_by(worker())))
    services.delete(alice, first.pk)
    assert storages["media"].exists(name)
    services.delete(bob, second.pk)
    assert not Download.objects.exists()


def test_delete_ends_what_waits() -> None:
    alice = person("alice")
    services.delete(alice, ask(alice).pk)
    assert not Download.objects.exists()


def test_keep_changes_the_expiry() -> None:
    alice = person("alice")
    download = ask(alice, expires_in_days=1)
    assert services.keep_until(alice, download.pk, None).expires_at is None


def test_a_second_live_download_is_not_made_by_retry() -> None:
    alice, at = person("alice"), url()
    old = ask(alice, at)
    services.cancel(alice, old.pk)
    ask(alice, at)
    with pytest.raises(services.InvalidState, match="already"):
        services.retry(alice, old.pk)


def test_the_timeline_tells_the_story() -> None:
    alice = person("alice")
    download = ask(alice)
    services.pause(alice, download.pk)
    services.resume(alice, download.pk)
    services.cancel(alice, download.pk)
    told = [line.event for line in download.transitions.all()]
    assert told == ["requested", "paused", "resumed", "cancelled"]


def test_a_pause_while_it_is_stored_goes_on_where_it_was() -> None:
    alice = person("alice")
    download = ask(alice)
    lease = claim_by(worker())
    Rendition.objects.update(storage_name="A film.mp4", size=9, checkpoint={"version": 1})
    note = TransitionNote("finalizing")
    assert move(lease.rendition_id, "running", "finalizing", note, lease=lease.token)
    services.pause(alice, download.pk)
    assert idle_if_unwanted(lease.rendition_id, lease=lease.token)

    services.resume(alice, download.pk)

    assert again(download).rendition_id == lease.rendition_id
    assert Rendition.objects.get().status == "queued"
