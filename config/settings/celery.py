"""Celery: wake-ups only. docs/operators.md says what each setting prevents."""

from __future__ import annotations

from config.settings.environment import ENVIRONMENT

REDIS_URL = ENVIRONMENT.redis_url
REDIS_EMBEDDED = ENVIRONMENT.redis_embedded
# Nothing listens on port 1: without a Redis, sending fails at once, as when Redis is down.
CELERY_BROKER_URL = REDIS_URL or "redis://127.0.0.1:1/0"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 3,
    # Kombu's name for how long a worker's BRPOP waits for the next message, in seconds.
    "polling_interval": 5,
    "socket_timeout": 10,  # longer than that
    "socket_keepalive": True,
    "health_check_interval": 10,
}
CELERY_BROKER_CONNECTION_TIMEOUT = 3
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # the default gives up after 100

CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = ENVIRONMENT.worker_concurrency + 4  # the rest serve probes
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = True  # else a full worker swallows wake-ups of an idle one
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False

CELERY_TASK_DEFAULT_QUEUE = "ferry"
CELERY_TASK_ACKS_LATE = False  # the database says what is unfinished, not Redis
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
