"""The channel layer: events between processes, best effort. A RedisPubSubChannelLayer."""

from __future__ import annotations

from config.settings.celery import CELERY_BROKER_URL

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "downloads.events.link.FerryChannelLayer",
        "CONFIG": {
            "hosts": [
                {
                    "address": CELERY_BROKER_URL,
                    # redis-py's own limits suit other uses. A read of the consumer has a limit of
                    # its own, so idling ends no connection.
                    "socket_timeout": 1,
                    "socket_connect_timeout": 1,
                    "socket_keepalive": True,
                    "health_check_interval": 0,  # events/hub.py has its beat
                }
            ],
        },
    }
}
