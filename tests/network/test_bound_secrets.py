"""A ciphertext that someone copies to another row, or gives to another user, opens nothing."""

from __future__ import annotations

from typing import Any

import pytest

from downloads import services
from downloads.admin.secrets import HostRuleForm
from downloads.engine.core.errors import DownloadError, LoginRequired
from downloads.models import Content, HostRule, SiteCookies, Webhook
from downloads.network import credentials, host_rules, source_login
from downloads.webhooks import outcome
from downloads.webhooks.attempt import attempt
from downloads.webhooks.claim import claim
from tests.network.jars import SECRET, keep
from tests.support.ledger import person
from tests.webhooks.arrange import message

pytestmark = pytest.mark.django_db

SITE = "example.com"


@pytest.fixture
def alice() -> Any:
    return person("alice")


@pytest.fixture
def mallory() -> Any:
    return person("mallory")


def test_cookies_of_another_user(alice: Any, mallory: Any) -> None:
    hers, theirs = keep(alice, SITE), keep(mallory, SITE, "worthless")
    SiteCookies.objects.filter(pk=theirs.pk).update(ciphertext=hers.ciphertext)
    assert credentials.cookies_for(mallory.pk, f"https://{SITE}/").text == ""
    assert "Add them again" in credentials.login_advice(mallory.pk, f"https://{SITE}/")
    assert SECRET in credentials.cookies_for(alice.pk, f"https://{SITE}/").text


def test_cookies_given_to_another_user_or_site(alice: Any, mallory: Any) -> None:
    row = keep(alice, SITE)
    SiteCookies.objects.filter(pk=row.pk).update(user=mallory)
    assert credentials.cookies_for(mallory.pk, f"https://{SITE}/").text == ""
    SiteCookies.objects.filter(pk=row.pk).update(user=alice, site="evil.example")
    assert credentials.cookies_for(alice.pk, "https://evil.example/").text == ""


def test_cookies_that_replace_others_open(alice: Any) -> None:
    first, second = keep(alice, SITE, "first"), keep(alice, SITE, "second")
    assert first.pk == second.pk
    assert "second" in credentials.cookies_for(alice.pk, f"https://{SITE}/").text


def test_a_link_with_a_login(alice: Any, mallory: Any) -> None:
    hers, _ = services.add_content(alice, f"https://alice:{SECRET}@{SITE}/a.mp4")
    theirs, _ = services.add_content(mallory, f"https://mallory:x@{SITE}/a.mp4")
    assert SECRET in source_login.link_of(Content.objects.get(pk=hers.pk))
    theirs.ciphertext = hers.ciphertext
    with pytest.raises(LoginRequired) as refused:
        source_login.link_of(theirs)
    assert "Paste the link with its login." in refused.value.message
    hers.credential_owner = mallory
    with pytest.raises(LoginRequired):
        source_login.link_of(hers)


def test_a_webhooks_secret(alice: Any, mallory: Any) -> None:
    hers = services.add_webhook(alice, "https://hooks.example/").row
    theirs = services.add_webhook(mallory, "https://hooks.example/").row
    Webhook.objects.filter(pk=theirs.pk).update(ciphertext=hers.ciphertext)
    message(theirs)
    claimed = claim()
    assert claimed is not None
    assert attempt(claimed).error == outcome.UNREADABLE


def test_a_rule_of_another_host() -> None:
    row = HostRule(host=SITE)
    row.ciphertext = host_rules.seal(row, host_rules.Secrets(f"Authorization: {SECRET}"))
    row.save()
    assert SECRET in str(host_rules.host_rules().of(SITE).headers)
    HostRule.objects.update(host="evil.example")
    with pytest.raises(DownloadError):
        host_rules.host_rules().of("evil.example")
    assert "Enter them again" in str(HostRuleForm(instance=HostRule.objects.get()))


def test_a_rule_that_staff_give_another_host_stays_readable() -> None:
    for host in (SITE, "other.example"):
        form = HostRuleForm(
            {"host": host, "headers": f"Authorization: {SECRET}", "proxy": ""},
            instance=HostRule.objects.first(),
        )
        assert form.is_valid()
        form.save()
        assert SECRET in str(host_rules.host_rules().of(host).headers)
