from __future__ import annotations

from typing import Final

from django import forms

from downloads.engine.core.media import Quality

QUALITIES: Final = [
    (Quality.AUTO.value, "Best quality"),
    (Quality.P2160.value, "2160p (4K)"),
    (Quality.P1440.value, "1440p"),
    (Quality.P1080.value, "1080p"),
    (Quality.P720.value, "720p"),
    (Quality.P480.value, "480p"),
    (Quality.P360.value, "360p"),
    (Quality.AUDIO.value, "Audio only"),
]


class RequestForm(forms.Form):
    """The request form of a page: a pasted URL, or content of the catalogue."""

    url = forms.CharField(required=False)
    content = forms.UUIDField(required=False)
    quality = forms.ChoiceField(
        required=False,
        choices=QUALITIES,
        error_messages={"invalid_choice": "Choose one of the qualities in the list."},
    )

    def clean_quality(self) -> Quality:
        return Quality(self.cleaned_data["quality"] or Quality.AUTO)

    def first_error(self) -> str:
        return next(str(error) for errors in self.errors.values() for error in errors)
