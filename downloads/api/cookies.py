"""``cookies/``: a user's cookies for a site that requires their login."""

from __future__ import annotations

import uuid

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.response import Response

from downloads import services
from downloads.api.base import ApiViewSet, UserRequest
from downloads.api.errors import invalid
from downloads.api.pagination import CookiesPage, NewestFirst, page
from downloads.api.serializers import NewCookies, PageQuery
from downloads.schemas import CookiesPayload


class CookiesViewSet(ApiViewSet):
    """The user's cookies, a row per site. No response holds a value."""

    queries = {"list": PageQuery}

    @extend_schema(responses=CookiesPage)
    def list(self, request: UserRequest) -> Response:
        """List the user's own, newest first."""
        rows = services.own_cookies(request.user)
        return page(NewestFirst(), request, rows, CookiesPayload.of)

    @extend_schema(
        request=NewCookies,
        responses={
            201: CookiesPayload,
            200: OpenApiResponse(CookiesPayload, description="In the place of the site's older."),
        },
    )
    def create(self, request: UserRequest) -> Response:
        """Save cookies for this user's fetches from a site; no other user's fetch sends them."""
        body = NewCookies(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            cookies = services.keep_cookies(request.user, **body.validated_data)
        except services.BadCookies as error:
            raise invalid(error.attr, "invalid_cookies", str(error)) from None
        code = status.HTTP_201_CREATED if cookies.created else status.HTTP_200_OK
        return Response(CookiesPayload.of(cookies.row, cookies.note).wire(), code)

    @extend_schema(responses=CookiesPayload)
    def retrieve(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """Return the cookies of one site, without their values."""
        return Response(CookiesPayload.of(services.own_cookies(request.user).get(pk=pk)).wire())

    @extend_schema(responses={204: None})
    def destroy(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """Delete the cookies. Files fetched with them stay the user's alone."""
        services.delete_cookies(request.user, pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
