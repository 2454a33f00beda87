"""Secrets, sign-in, cookies, headers."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from config.settings.environment import ENVIRONMENT
from config.variables import Environment

SECRET_KEY = ENVIRONMENT.secret_key  # empty only if config.env lets a command do without
SECRET_KEY_FALLBACKS = list(ENVIRONMENT.secret_key_fallbacks)

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.throttle.PasswordBackend",
    "django.contrib.auth.backends.ModelBackend",  # of sessions that sign-up began
]
_VALIDATION = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": _VALIDATION + "UserAttributeSimilarityValidator"},
    {"NAME": _VALIDATION + "MinimumLengthValidator"},
    {"NAME": _VALIDATION + "CommonPasswordValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "downloads:dashboard"
LOGOUT_REDIRECT_URL = LOGIN_URL

# Sign-in is throttled for the pair of name and address, so that a stranger locks no user out, and
# for an address that fails with many names.
AXES_HANDLER = "accounts.throttle.SignInHandler"
SIGN_IN_FAILURES_OF_ADDRESS = 30
AXES_FAILURE_LIMIT = 10
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_LOCKOUT_CALLABLE = "config.server.errors.locked_out"
AXES_CLIENT_IP_CALLABLE = "config.server.client_address.client_address"
AXES_VERBOSE = False

BEHIND_HTTPS_PROXY = ENVIRONMENT.behind_https_proxy
TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_HTTPS_PROXY else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_HTTPS_PROXY
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_HTTPS_PROXY else 0
# Another site's cookies at the same host are not ours, nor ours theirs.
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = ENVIRONMENT.url_prefix or "/"
MESSAGE_STORAGE = "config.server.message_cookie.MessageStorage"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.server.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"


def storage_origins(environment: Environment) -> list[str]:
    """Return the origins that redirects send the player to; none if the files come from here."""
    bucket = environment.aws_storage_bucket_name
    if not bucket or environment.delivery == "proxy":
        return []
    if environment.aws_s3_custom_domain:
        domain = environment.aws_s3_custom_domain.partition("/")[0]  # a path may follow
        return [f"{environment.aws_s3_url_protocol}//{domain}"]
    if environment.aws_s3_endpoint_url:
        parts = urlsplit(environment.aws_s3_endpoint_url)
        virtual = environment.aws_s3_addressing_style == "virtual"
        return [f"{parts.scheme}://{bucket + '.' if virtual else ''}{parts.netloc}"]
    return [f"https://{bucket}.s3.amazonaws.com", "https://*.amazonaws.com"]


CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "https:"],  # thumbnails lie at the sources
        "media-src": [SELF, *storage_origins(ENVIRONMENT)],
        "connect-src": [SELF],  # covers ws: and wss: of the same host (CSP 3)
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [
            SELF,
            *storage_origins(ENVIRONMENT),
        ],  # Save is a form, and may be redirected
        "frame-ancestors": [NONE],
    }
}
