"""Staff see metadata of cookies and webhooks; host rules are entered, checked, and encrypted."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client

from downloads import services
from downloads.engine.egress.rules import Upstream
from downloads.models import HostRule, Webhook
from downloads.network.host_rules import host_rules
from tests.network.jars import SECRET, keep
from tests.support.ledger import person
from tests.web.conftest import signed_in
from tests.webhooks.arrange import message

ADMIN = "/admin/downloads/"
RULE = {
    "host": "*.Example.com",
    "headers": f"Referer: https://example.com/\nAuthorization: {SECRET}",
    "proxy": f"http://name:{SECRET}@proxy.test:3128",
    "concurrency": "2",
}


def test_cookies_show_metadata_alone(as_charlie: Client, alice: Any) -> None:
    row = keep(alice, "example.com")
    for path in ("sitecookies/", f"sitecookies/{row.pk}/change/"):
        shown = as_charlie.get(ADMIN + path)
        assert shown.status_code == 200
        assert "example.com" in shown.content.decode()
        assert SECRET not in shown.content.decode()
        assert row.ciphertext not in shown.content.decode()
    assert as_charlie.get(f"{ADMIN}sitecookies/add/").status_code == 403


def test_webhooks_show_no_secret_and_nothing_that_was_sent(as_charlie: Client, alice: Any) -> None:
    made = services.add_webhook(alice, f"https://hooks.example/{SECRET}?key={SECRET}")
    sent = message(made.row, body=f'{{"of": "{SECRET}"}}', response_body=SECRET)
    pages = [
        "webhook/",
        f"webhook/{made.row.pk}/change/",
        "webhookdelivery/",
        f"webhookdelivery/?q={made.row.pk}",
        f"webhookdelivery/{sent.pk}/change/",
    ]
    for path in pages:
        shown = as_charlie.get(ADMIN + path)
        assert shown.status_code == 200
        text = shown.content.decode()
        assert "download:queued" in text or "hooks.example/" in text
        for secret in (SECRET, made.secret, made.row.ciphertext):
            assert secret not in text
    assert as_charlie.get(f"{ADMIN}webhook/add/").status_code == 403


def test_staff_may_end_a_webhook(as_charlie: Client, alice: Any) -> None:
    made = services.add_webhook(alice, "https://hooks.example/ferry")
    chosen = {"action": "disable", "_selected_action": [str(made.row.pk)]}
    assert as_charlie.post(f"{ADMIN}webhook/", chosen).status_code == 302
    made.row.refresh_from_db()
    assert made.row.disabled_reason == "An administrator disabled it."
    gone = as_charlie.post(f"{ADMIN}webhook/{made.row.pk}/delete/", {"post": "yes"})
    assert gone.status_code == 302
    assert not Webhook.objects.exists()


def test_a_rule_is_kept_encrypted_and_applies(as_charlie: Client) -> None:
    assert as_charlie.post(f"{ADMIN}hostrule/add/", RULE).status_code == 302
    row = HostRule.objects.get()
    assert (row.host, row.concurrency, row.proxy_host) == ("*.example.com", 2, "proxy.test:3128")
    assert row.header_names == ["Referer", "Authorization"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM downloads_hostrule")
        assert SECRET not in str(cursor.fetchall())
    rule = host_rules().of("cdn.example.com")
    assert rule.headers == (("Referer", "https://example.com/"), ("Authorization", SECRET))
    assert rule.proxy == Upstream("proxy.test", 3128, f"name:{SECRET}")
    assert SECRET not in repr(rule)
    assert SECRET not in as_charlie.get(f"{ADMIN}hostrule/").content.decode()


def test_what_was_entered_can_be_changed(as_charlie: Client) -> None:
    as_charlie.post(f"{ADMIN}hostrule/add/", RULE)
    change = f"{ADMIN}hostrule/{HostRule.objects.get().pk}/change/"
    assert SECRET in as_charlie.get(change).content.decode()
    as_charlie.post(change, {**RULE, "headers": "", "proxy": "", "concurrency": ""})
    row = HostRule.objects.get()
    assert (row.ciphertext, row.header_names, row.proxy_host) == ("", [], "")


def test_who_may_only_look_sees_no_secret(as_charlie: Client) -> None:
    as_charlie.post(f"{ADMIN}hostrule/add/", RULE)
    dora = person("dora", is_staff=True)
    dora.user_permissions.add(Permission.objects.get(codename="view_hostrule"))
    shown = signed_in(dora).get(f"{ADMIN}hostrule/{HostRule.objects.get().pk}/change/")
    assert "Authorization" in shown.content.decode()
    assert SECRET not in shown.content.decode()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"host": "https://x/"}, "Write a host like"),
        ({"headers": "Host: x"}, "Leave it out"),
        ({"proxy": "socks5://x:1"}, "Write a proxy like"),
        ({"concurrency": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_is_told(as_charlie: Client, wrong: dict[str, str], told: str) -> None:
    answer = as_charlie.post(f"{ADMIN}hostrule/add/", {**RULE, **wrong})
    assert told in answer.content.decode()
    assert not HostRule.objects.exists()


def test_a_rotated_key_is_told(as_charlie: Client, settings: Any) -> None:
    as_charlie.post(f"{ADMIN}hostrule/add/", RULE)
    settings.SECRET_KEY_FALLBACKS = []
    HostRule.objects.update(ciphertext="gAAAAA")
    shown = as_charlie.get(f"{ADMIN}hostrule/{HostRule.objects.get().pk}/change/")
    assert "Enter them again and save." in shown.content.decode()
