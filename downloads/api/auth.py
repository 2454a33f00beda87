"""``auth/``: a token for a username and password, and its revocation."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth import authenticate
from drf_spectacular.utils import OpenApiResponse, extend_schema
from knox.views import LoginView as KnoxLoginView
from knox.views import LogoutView as KnoxLogoutView
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.tokens import make_room
from downloads.api.authentication import BearerAuthentication
from downloads.api.base import ApiView
from downloads.api.errors import ErrorPayload
from downloads.api.serializers import Credentials
from downloads.schemas import Payload

REFUSED = "Username or password is wrong. Check both; after ten wrong attempts you must wait."


class TokenPayload(Payload):
    token: str
    expiry: dt.datetime


class LoginView(ApiView, KnoxLoginView):
    # knox would require a login to log in; and an expired token must not get in the way
    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        request=Credentials,
        responses={
            200: TokenPayload,
            401: OpenApiResponse(ErrorPayload, description="`authentication_failed`"),
            429: OpenApiResponse(ErrorPayload, description="Too many wrong passwords."),
        },
    )
    def post(self, request: Request, format: Any = None) -> Response:
        """Return a token, to send as `Authorization: Bearer <token>`."""
        given = Credentials(data=request.data)
        given.is_valid(raise_exception=True)
        # Django's request: axes marks it, and its middleware answers 429 once it is locked out
        user = authenticate(request._request, **given.validated_data)
        if not isinstance(user, User):
            raise AuthenticationFailed(REFUSED)
        request.user = user
        make_room(user)
        return super().post(request, format)

    def get_authenticate_header(self, request: Request) -> str:
        return "Bearer"  # without one, REST framework would answer 403


class LogoutView(ApiView, KnoxLogoutView):
    authentication_classes = (BearerAuthentication,)

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, format: Any = None) -> Response:
        """Revoke the token of this request."""
        return super().post(request, format)
