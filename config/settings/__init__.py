"""Settings, with the Celery app: any process that sends a wake-up has loaded them."""

import gc

# What Django and Celery load are hundreds of thousands of objects that stay. To look for garbage
# among them again and again, and once more at the end, is a third of a command's processor time.
# ``downloads.apps`` sets them aside, and begins to look.
gc.disable()

from config.celery import app as celery_app

__all__ = ["celery_app"]
