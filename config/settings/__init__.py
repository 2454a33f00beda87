"""Settings, with the Celery app: any process that sends a wake-up has loaded them."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
