"""The Celery app. A message only says "there may be work" (see docs/operators.md)."""

from __future__ import annotations

import os
from functools import cached_property

from celery import Celery
from celery.signals import celeryd_init, setup_logging
from kombu.transport import TRANSPORT_ALIASES

from downloads.engine.core.optional_packages import not_loading

with not_loading("opentelemetry"):  # it would measure itself, for us to send nowhere: 2 MiB
    import redis  # noqa: F401

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
# Celery would run Django's checks and drop what they find: they load every page and the schema.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")


class FerryCelery(Celery):
    @cached_property
    def Worker(self) -> type:  # noqa: N802 - Celery's name
        return self.subclass_with_self("config.server.worker:FerryWorker")


# By their aliases: kombu takes the transport from the URL's scheme, whatever a setting says.
_TRANSPORT = "config.server.untracked_messages:Transport"
TRANSPORT_ALIASES.update(redis=_TRANSPORT, rediss=_TRANSPORT)

app = FerryCelery("ferry")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**_: object) -> None:
    """Do nothing: a connected receiver keeps Celery from configuring the logs itself."""


@celeryd_init.connect
def refuse_without_configuration(**_: object) -> None:
    """Exit with a message if a worker started by hand could never do anything."""
    from config.env import require_secret_key
    from config.settings.environment import ENVIRONMENT
    from config.start_error import StartError

    require_secret_key(ENVIRONMENT)
    if not ENVIRONMENT.redis_url:
        raise StartError(
            f"REDIS_URL is not set, and {ENVIRONMENT.data_dir} names no embedded Redis. "
            "Run `manage.py up` first (its Redis is found through DATA_DIR), or set REDIS_URL."
        )
