"""Rows whose template is rendered once for each form, against the template itself."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Any

import pytest
from django.template.loader import get_template
from django.test import Client
from django.utils.safestring import SafeString, mark_safe

from downloads.models import Download
from downloads.templatetags import rows
from downloads.web.row_template import RowTemplate, Text
from tests.api.arrange import bring_to
from tests.support.ledger import ask

HOSTILE = "100%(id)s %% <b>\0(id)\0</b> &amp; \"'"


class Plain(RowTemplate):
    """The same without what is kept."""

    def render(self, form: Mapping[str, Hashable], texts: Mapping[str, Text]) -> SafeString:
        return mark_safe(get_template(self._name).render({**form, **texts}))


def lists(client: Client, pages: list[str]) -> list[str]:
    found = [client.get(page).content.decode() for page in pages]
    return [re.sub(r'name="csrfmiddlewaretoken" value="\w+"|/d/[^"]+', "", page) for page in found]


@pytest.mark.parametrize("state", ["queued", "running", "paused", "completed", "failed", "expired"])
def test_cards_are_as_their_template(
    monkeypatch: pytest.MonkeyPatch, as_alice: Client, alice: Any, state: str
) -> None:
    titled, plain = ask(alice, title=HOSTILE), ask(alice)
    for download in (titled, plain):
        bring_to(download, state)
    pages = [f"/downloads/list/?tab={tab}" for tab in ("active", "completed", "failed")]
    pages += [f"/downloads/list/?tab=completed&search=e&link={titled.pk}"]
    kept = [lists(as_alice, pages) for _ in range(2)]
    monkeypatch.setattr(rows, "_CARD", Plain("downloads/_card.html"))
    assert kept == [lists(as_alice, pages)] * 2
    assert any(str(titled.pk) in page for page in kept[0])


def test_rows_of_the_queue_are_as_their_template(
    monkeypatch: pytest.MonkeyPatch, as_charlie: Client, alice: Any, bob: Any
) -> None:
    for who in (alice, bob):
        ask(who, title=HOSTILE)
        ask(who)
    Download.objects.filter(user=bob).update(title="")
    kept = lists(as_charlie, ["/queue/live/"])
    monkeypatch.setattr(rows, "_WAITING", Plain("queue/_waiting.html"))
    assert kept == lists(as_charlie, ["/queue/live/"])


def test_a_text_is_escaped_and_begins_no_other() -> None:
    template = RowTemplate("downloads/_link.html")
    for text in (HOSTILE, "", mark_safe("<b>%s</b>")):
        texts = {"link_until": text, "link_url": text}
        assert template.render({}, texts) == Plain("downloads/_link.html").render({}, texts)
