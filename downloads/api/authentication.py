"""``Authorization: Bearer <token>``; only the token's hash is kept (knox)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

REFUSED = "This token is wrong or has expired. Sign in again for a new one."


class BearerAuthentication(TokenAuthentication):
    def authenticate_credentials(self, token: bytes) -> Any:
        # knox decodes it as UTF-8, and PostgreSQL refuses a NUL: neither may be a 500
        if not (token.isascii() and token.decode("ascii").isprintable()):
            raise AuthenticationFailed(REFUSED)
        try:
            return super().authenticate_credentials(token)
        except AuthenticationFailed:
            raise AuthenticationFailed(REFUSED) from None


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "downloads.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
