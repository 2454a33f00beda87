"""A quota holds, also if the source does not say how large its file is."""

from __future__ import annotations

from typing import Any

import pytest

from downloads import services
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import QuotaExceeded, Stopped, StopReason
from downloads.jobs import admission, runner
from downloads.jobs.admission import storage_used
from downloads.models import Download, Rendition
from downloads.storage.storage import part_dir
from tests.support.content import MIB, content
from tests.support.ledger import again, ask, claim_by, person, worker
from tests.support.origin import Origin

pytestmark = pytest.mark.django_db(transaction=True)

QUOTA = MIB


def run() -> None:
    runner.run(claim_by(worker()), StopToken())


def parts() -> list[Any]:
    pk = Rendition.objects.get().pk
    return [path for path in part_dir(pk).rglob("*") if path.is_file()]


def unknown(origin: Origin, size: int, path: str = "/a.mp4", **knobs: Any) -> str:
    origin.serve(path, content(size), chunked=True, ranges=False, **knobs)
    return origin.url(path)


def test_a_file_of_unknown_size_ends_at_the_quota(origin: Origin) -> None:
    alice = person("alice", storage_quota=QUOTA)
    download = ask(alice, unknown(origin, 16 * MIB, rate=8 * MIB))
    run()
    assert again(download).error_code == "quota_exceeded"
    assert origin.sent < 8 * MIB
    assert parts() == []
    assert storage_used(Download.objects.of(alice)) == 0


def test_a_file_of_unknown_size_within_it_is_stored(origin: Origin) -> None:
    alice = person("alice", storage_quota=QUOTA)
    download = ask(alice, unknown(origin, QUOTA))
    run()
    assert again(download).status == "completed"


def test_it_ends_for_the_holder_without_room_alone(origin: Origin) -> None:
    alice, bob = person("alice", storage_quota=QUOTA), person("bob")
    url = unknown(origin, 2 * MIB)
    first, second = ask(alice, url), ask(bob, url)
    run()
    assert (again(first).error_code, again(second).status) == ("quota_exceeded", "completed")


def test_what_others_run_meanwhile_counts(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of several transfers would have the whole room otherwise."""
    monkeypatch.setattr(admission, "CHARGE_EVERY", 0.0)
    alice = person("alice", storage_quota=QUOTA)
    download = ask(alice, unknown(origin, 8 * MIB, rate=MIB))
    other = ask(alice, unknown(origin, 1, "/b.mp4"))
    lease = claim_by(worker())
    watch = admission.Watch(Rendition.objects.get(pk=lease.rendition_id), None)
    Rendition.objects.exclude(pk=lease.rendition_id).update(bytes_done=QUOTA - 10)
    watch(10)
    with pytest.raises(Stopped, match=StopReason.UNWANTED.value):
        watch(11)
    failed = [one for one in (again(download), again(other)) if one.status == "failed"]
    assert [one.error_code for one in failed] == ["quota_exceeded"]


def test_a_paused_download_counts_with_what_it_has(origin: Origin) -> None:
    alice = person("alice", storage_quota=QUOTA)
    download = ask(alice, unknown(origin, 8 * MIB))
    services.pause(alice, download.pk)
    Rendition.objects.update(bytes_done=QUOTA, checkpoint={"version": 1})
    assert storage_used(Download.objects.of(alice)) == QUOTA
    with pytest.raises(QuotaExceeded):
        services.request(alice, url=unknown(origin, 1, "/b.mp4"))


def test_a_quota_fails_its_holder_alone(origin: Origin) -> None:
    alice, bob = person("alice", storage_quota=MIB // 2), person("bob")
    origin.serve("/a.mp4", content(MIB))
    first, second = (ask(user, origin.url("/a.mp4")) for user in (alice, bob))
    run()
    assert (again(second).status, again(first).error_code) == ("completed", "quota_exceeded")


def test_a_quota_of_the_only_holder_fetches_nothing(origin: Origin) -> None:
    alice = person("alice", storage_quota=MIB // 2)
    origin.serve("/a.mp4", content(8 * MIB), rate=MIB)
    download = ask(alice, origin.url("/a.mp4"))
    run()
    assert (again(download).status, again(download).error_code) == ("failed", "quota_exceeded")
    assert Rendition.objects.get().status == "idle"
