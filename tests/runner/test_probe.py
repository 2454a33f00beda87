"""Probing: what a pasted URL is, asked of a real source."""

from __future__ import annotations

import pytest

from downloads import prober, runner, services
from downloads.models import Content
from downloads.stop import StopToken
from tests.ledger import ask, claim_by, person, worker
from tests.transfer.origin import MIB, Origin, content

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_probe_fills_in_what_is_on_offer(origin: Origin) -> None:
    origin.serve("/My%20clip.mp4", content(MIB))
    asked, _ = services.add_content(person("alice"), origin.url("/My%20clip.mp4"))
    assert prober.probe_one()
    found = Content.objects.get(pk=asked.pk)
    assert (found.probe_status, found.title) == ("ready", "My clip")
    assert [(one["quality"], one["size"]) for one in found.qualities] == [("auto", MIB)]
    assert not prober.probe_one()


def test_a_probe_that_fails_says_why(origin: Origin) -> None:
    asked, _ = services.add_content(person("alice"), origin.url("/gone.mp4"))
    prober.probe_one()
    found = Content.objects.get(pk=asked.pk)
    assert (found.probe_status, found.probe_error_code) == ("failed", "unavailable")


def test_what_a_download_resolves_is_not_probed_too(origin: Origin) -> None:
    origin.serve("/a.mp4", content(MIB))
    ask(person("alice"), origin.url("/a.mp4"))
    assert not prober.probe_one()
    runner.run(claim_by(worker()), StopToken())
    assert Content.objects.get().probe_status == "ready"
