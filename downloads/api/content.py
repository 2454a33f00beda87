"""``content/``: the catalogue, and the user's own content."""

from __future__ import annotations

import uuid

from django.db.models import Q
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.response import Response

from downloads import services
from downloads.api.base import ApiViewSet, UserRequest
from downloads.api.pagination import ContentPage, NewestFirst, page
from downloads.api.serializers import NewContent, Search
from downloads.models import Content
from downloads.schemas import ContentPayload


class ContentViewSet(ApiViewSet):
    queries = {"list": Search}

    @extend_schema(responses=ContentPage)
    def list(self, request: UserRequest) -> Response:
        """List the content that the user may see, newest first."""
        user = request.user
        rows = Content.objects.visible_to(user).with_title_for(user)
        for word in self.query["search"].split():
            rows = rows.filter(Q(shown_title__icontains=word) | Q(source_url__icontains=word))
        return page(NewestFirst(), request, rows, ContentPayload.of)

    @extend_schema(
        request=NewContent,
        responses={
            201: ContentPayload,
            200: OpenApiResponse(ContentPayload, description="You already had it."),
        },
    )
    def create(self, request: UserRequest) -> Response:
        """Add the content of a URL. A worker probes it soon and fills in `qualities`."""
        body = NewContent(data=request.data)
        body.is_valid(raise_exception=True)
        content, created = services.add_content(request.user, **body.validated_data)
        shown = services.content_visible_to(request.user, content.pk)
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        return Response(ContentPayload.of(shown).wire(), code)

    @extend_schema(responses=ContentPayload)
    def retrieve(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """Return one content, of the catalogue or of the user's own."""
        shown = services.content_visible_to(request.user, pk)
        return Response(ContentPayload.of(shown).wire())
