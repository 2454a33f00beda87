"""Hosts, origins, static files."""

from __future__ import annotations

import re

from config.datadir import BASE_DIR
from config.hosts import own_names, reached_from_here
from config.settings.environment import ENVIRONMENT

DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = [
    *(ENVIRONMENT.allowed_hosts or own_names(ENVIRONMENT.host)),
    *reached_from_here(ENVIRONMENT.host),
]
CSRF_TRUSTED_ORIGINS = list(ENVIRONMENT.csrf_trusted_origins)

CORS_ALLOW_ALL_ORIGINS = "*" in ENVIRONMENT.cors_allowed_origins
CORS_ALLOWED_ORIGINS = [origin for origin in ENVIRONMENT.cors_allowed_origins if origin != "*"]
CORS_ALLOW_CREDENTIALS = False  # another site's page sends a token, never a user's cookie
CORS_ALLOW_HEADERS = ("accept", "authorization", "content-type", "idempotency-key", "range")
CORS_EXPOSE_HEADERS = ("Content-Disposition", "Content-Range", "ETag", "Location", "Retry-After")
CORS_URLS_REGEX = re.compile(r"^/(api|d|static)/")  # d: a signed link, in another site's player

# In front of every path that this process writes; Django takes it off those that it reads.
URL_PREFIX = ENVIRONMENT.url_prefix
FORCE_SCRIPT_NAME = URL_PREFIX or None

STATIC_URL = f"{URL_PREFIX}/static/"
STATICFILES_DIRS = [BASE_DIR / "static"] if (BASE_DIR / "static").is_dir() else []
WHITENOISE_USE_FINDERS = True  # served from where they lie: no collectstatic, plain names
WHITENOISE_AUTOREFRESH = ENVIRONMENT.debug
WHITENOISE_MAX_AGE = 0 if ENVIRONMENT.debug else 600

REQUEST_MAX_BYTES = ENVIRONMENT.request_max_bytes
DATA_UPLOAD_MAX_MEMORY_SIZE = ENVIRONMENT.request_max_bytes
METRICS_TOKEN = ENVIRONMENT.metrics_token
