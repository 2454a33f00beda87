"""``manage.py first_admin``: for set-ups in which no ``up`` makes it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from config.first_admin import create_first_admin


class Command(BaseCommand):
    help = "Create the first admin, by DJANGO_SUPERUSER_..., if there is no user yet."

    def handle(self, *args: Any, **options: Any) -> None:
        admin = create_first_admin()
        if admin is None:
            self.stdout.write("There are users already: nothing was made.")
        elif admin.password is None:
            self.stdout.write(f"Made {admin.username}, with the password that you chose.")
        else:
            told = f"{admin.username}, with the password {admin.password} (shown this once)"
            self.stdout.write(f"Made {told}.")
