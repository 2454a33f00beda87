"""``Authorization: Bearer <token>``; only the token's hash is kept (knox)."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import CharField
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import get_token_model
from rest_framework.exceptions import AuthenticationFailed

from config.prepared import Prepared

REFUSED = "This token is wrong or has expired. Sign in again for a new one."


# By the hash, which is the key: what a comparison of hashes tells of them leads to no token.
_tokens: Final = Prepared(
    lambda digest: get_token_model().objects.select_related("user").filter(digest=digest),
    CharField(),
)


class BearerAuthentication(TokenAuthentication):
    """knox's authentication, with one query. An expired token is deleted when it is used, and the
    user's others when they sign in (accounts/tokens.py): knox reads them all at each request."""

    def authenticate_credentials(self, token: bytes) -> Any:
        # knox decodes it as UTF-8, and PostgreSQL refuses a NUL: neither may be a 500
        if not (token.isascii() and token.decode("ascii").isprintable()):
            raise AuthenticationFailed(REFUSED)
        for found in _tokens(hash_token(token.decode("ascii"))):
            if found.expiry is not None and found.expiry < timezone.now():
                found.delete()
            elif found.user.is_active:
                return found.user, found
        raise AuthenticationFailed(REFUSED)


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "downloads.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
