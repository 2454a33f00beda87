"""One line a record, secrets scrubbed (config/server/logs.py)."""

from __future__ import annotations

from config.settings.environment import ENVIRONMENT

LOG_FORMAT = ENVIRONMENT.log_format
_LEVEL = ENVIRONMENT.log_level.upper()
_FORMATTERS = {"text": "LineFormatter", "json": "JsonFormatter"}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": f"config.server.logs.{_FORMATTERS[LOG_FORMAT]}"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": _LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": _LEVEL, "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.request": {"level": "ERROR"},  # 4xx stand in the access log
        "daphne": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        "axes": {"level": "ERROR"},  # config.server.errors says it in one line
        "asyncio": {"level": "WARNING"},
        "botocore": {"level": "WARNING"},
        "urllib3": {"level": "ERROR"},
        "channels_redis": {"level": "CRITICAL"},  # downloads.events says an outage in one line
        "csp": {"level": "WARNING"},
    },
}
