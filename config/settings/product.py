"""Ferry's own limits, by the names of the environment (docs/configuration.md)."""

from __future__ import annotations

from config.settings.environment import ENVIRONMENT

HOST = ENVIRONMENT.host
PORT = ENVIRONMENT.port

FETCH_ALLOWED_NETWORKS = ENVIRONMENT.fetch_allowed_networks
FETCH_CONNECTIONS = ENVIRONMENT.fetch_connections
FETCH_HOST_CONCURRENCY = ENVIRONMENT.fetch_host_concurrency
FETCH_MAX_BYTES = ENVIRONMENT.fetch_max_bytes
FETCH_DEADLINE = ENVIRONMENT.fetch_deadline
FETCH_MIN_RATE = ENVIRONMENT.fetch_min_rate
FETCH_RATE_LIMIT = ENVIRONMENT.fetch_rate_limit
PO_TOKEN_URL = ENVIRONMENT.po_token_url
YTDLP_UPDATES = ENVIRONMENT.ytdlp_updates
YTDLP_INDEX_URL = ENVIRONMENT.ytdlp_index_url
FFMPEG = ENVIRONMENT.ffmpeg_path  # empty: the wheel's

WORKER_CONCURRENCY = ENVIRONMENT.worker_concurrency
USER_MAX_ACTIVE = ENVIRONMENT.user_max_active
USER_STORAGE_QUOTA = ENVIRONMENT.user_storage_quota
DEFAULT_EXPIRES_IN_DAYS = ENVIRONMENT.default_expires_in_days
SIGNUP_OPEN = ENVIRONMENT.signup_open

DJANGO_SUPERUSER_USERNAME = ENVIRONMENT.django_superuser_username
DJANGO_SUPERUSER_EMAIL = ENVIRONMENT.django_superuser_email
DJANGO_SUPERUSER_PASSWORD = ENVIRONMENT.django_superuser_password
