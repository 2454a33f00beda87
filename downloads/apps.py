import gc
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


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
        gc.freeze()  # what is loaded stays; see config.settings
        gc.enable()
        post_migrate.connect(mend_search, sender=self, dispatch_uid="search-index")


def take_time(using: str, **facts: Any) -> None:
    """Let migrations of large tables take longer than a request's statements may."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")


def mend_search(using: str, **facts: Any) -> None:
    """Build what the search index lacks: an extension that an administrator has made since, a
    trigger that went with a table that was made again, indexes that no backup holds."""
    from django.db.migrations.recorder import MigrationRecorder

    from downloads.search import index

    applied = MigrationRecorder(connections[using]).applied_migrations()
    if using == "default" and ("downloads", "0008_search_index") in applied:
        index.build()
