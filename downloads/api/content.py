"""``content/``: the catalogue, and what the user pasted."""

from __future__ import annotations

import uuid

from django.db.models import Q
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from downloads import services
from downloads.api.base import ApiViewSet, user_of
from downloads.api.downloads import SEARCH
from downloads.api.inputs import NewContent, Query, read, read_query
from downloads.api.pagination import CURSOR, ContentPage, NewestFirst, page
from downloads.models import Content
from downloads.schemas import ContentPayload


class ContentViewSet(ApiViewSet):
    @extend_schema(parameters=[SEARCH, CURSOR], responses=ContentPage)
    def list(self, request: Request) -> Response:
        """What the user may see, newest first."""
        query, user = read_query(Query, request.query_params), user_of(request)
        rows = Content.objects.visible_to(user).with_title_for(user)
        for word in query.search.split():
            rows = rows.filter(Q(shown_title__icontains=word) | Q(source_url__icontains=word))
        return page(NewestFirst(), request, rows, ContentPayload.of)

    @extend_schema(
        request=NewContent,
        responses={
            201: ContentPayload,
            200: OpenApiResponse(ContentPayload, description="You already had it."),
        },
    )
    def create(self, request: Request) -> Response:
        """Add what is at a URL. It is probed soon; then `qualities` fills in."""
        body, user = read(NewContent, request.data), user_of(request)
        content, created = services.add_content(user, body.url, title=body.title)
        shown = services.content_visible_to(user, content.pk)
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        return Response(ContentPayload.of(shown).wire(), code)

    @extend_schema(responses=ContentPayload)
    def retrieve(self, request: Request, pk: uuid.UUID) -> Response:
        shown = services.content_visible_to(user_of(request), pk)
        return Response(ContentPayload.of(shown).wire())
