"""Configuration and the processes around the product."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
