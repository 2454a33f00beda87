"""``manage.py rotate_key``: encrypt what was kept under an old SECRET_KEY again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from downloads.network.installation_key import check_key
from downloads.services.key_rotation import rotate_key


class Command(BaseCommand):
    help = (
        "Encrypt under SECRET_KEY what was kept under a key of SECRET_KEY_FALLBACKS, which can be "
        "unset then. Before it, set both on every host and restart."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        check_key()  # else a mistyped key would become the installation's
        done = rotate_key()
        self.stdout.write(f"{done.rotated} secrets are encrypted under SECRET_KEY now.")
        if done.unreadable:
            self.stdout.write(
                f"{done.unreadable} cannot be read with any key: they must be entered again."
            )
        self.stdout.write("SECRET_KEY_FALLBACKS can be unset on every host.")
