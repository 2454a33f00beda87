from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db import connections
from django.db.models.signals import pre_migrate


class DownloadsConfig(AppConfig):
    name = "downloads"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # importing registers the checks and the receivers
        from downloads import checks  # noqa: F401
        from downloads.engine.resolver.ytdlp import config as extractor
        from downloads.events import access  # noqa: F401

        releases = Path(settings.DATA_DIR) / extractor.RELEASES
        extractor.configure(extractor.ExtractorConfig(settings.PO_TOKEN_URL, releases))
        pre_migrate.connect(take_time, dispatch_uid="migrations-take-time")


def take_time(using: str, **facts: Any) -> None:
    """Let migrations of large tables take longer than a request's statements may."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
