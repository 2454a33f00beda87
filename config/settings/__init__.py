"""The settings bring the Celery app with them: whatever sends a wake-up has loaded them."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
