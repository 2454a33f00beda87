"""SECRET_KEY: strong enough, and the one of this installation."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.core.checks.security.base import check_secret_key
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from downloads.doctor.finding import Finding, fail, ok
from downloads.models import InstallationFact
from downloads.network.installation_key import NAME, fingerprint


def probe() -> Iterator[Finding]:
    try:
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    except ImproperlyConfigured:
        yield fail(
            "secret_key",
            "SECRET_KEY is not set, and DATA_DIR holds none.",
            "Run `manage.py up` once, which makes one, or set it.",
        )
        return
    if check_secret_key(None):
        yield fail(
            "secret_key",
            "SECRET_KEY can be guessed: it is short, or repeats few characters.",
            "Set a random one of 50 characters, the old one as SECRET_KEY_FALLBACKS, and run:"
            " manage.py rotate_key",
        )
    else:
        yield ok("secret_key", "SECRET_KEY is strong.")
    try:
        fact = InstallationFact.objects.filter(name=NAME).first()
    except DatabaseError:
        return  # said by its own probe
    if fact is not None and fact.value not in map(fingerprint, keys):
        yield fail(
            "secret_key_known",
            "SECRET_KEY is not the one that this database was set up with.",
            "Set the same SECRET_KEY on every host.",
        )
