"""The channel layer: news between processes, best effort. A RedisPubSubChannelLayer."""

from __future__ import annotations

from config.settings.celery import CELERY_BROKER_URL

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "downloads.events.link.FerryChannelLayer",
        "CONFIG": {
            "hosts": [
                {
                    "address": CELERY_BROKER_URL,
                    # By hand: redis-py's own are made for other uses. A read of the consumer
                    # has a limit of its own and ends by itself, so none dies of idling.
                    "socket_timeout": 1,
                    "socket_connect_timeout": 1,
                    "socket_keepalive": True,
                    "health_check_interval": 0,  # events/hub.py has its beat
                }
            ],
        },
    }
}
