"""``/downloads/<id>/play/``: the player of a completed video or audio file."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from downloads.schemas import DownloadPayload, SubtitlePayload
from downloads.web.cards.download import card_of
from downloads.web.download.views import own_download


@dataclass(frozen=True, slots=True)
class TextTrack:
    """A ``<track>``. ``language`` as in BCP 47."""

    url: str
    language: str
    label: str

    @classmethod
    def of(cls, subtitle: SubtitlePayload) -> TextTrack:
        label = f"{subtitle.name} (automatic)" if subtitle.automatic else subtitle.name
        return cls(subtitle.url, subtitle.language, label)


@never_cache
@login_required
@require_GET
def play(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Render the player; redirect to the detail page if it is not completed, or not media."""
    download = DownloadPayload.of(own_download(request, pk))
    card = card_of(download, timezone.now())
    if not card.is_playable:
        messages.error(
            request, "This cannot be played in the browser. Save it when it is complete."
        )
        return redirect("downloads:detail", pk)
    tracks = [TextTrack.of(each) for each in download.subtitles]
    return render(
        request, "downloads/play.html", {"card": card, "download": download, "tracks": tracks}
    )
