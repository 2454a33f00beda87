"""The forms by which staff edit the catalogue."""

from __future__ import annotations

from typing import Final

from django import forms

from downloads.engine.core.errors import DownloadError
from downloads.engine.resolver.urls import normalise
from downloads.web.address_field import address_input

NOT_SHOWN: Final = (
    "Pages show pictures from https:// addresses only. Give one that begins so, or none."
)


class ContentForm(forms.Form):
    """Title and thumbnail of content. Empty: the source's own."""

    title = forms.CharField(
        max_length=500,
        required=False,
        help_text="Empty: as the source calls it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    thumbnail_url = forms.CharField(
        label="Picture",
        required=False,
        help_text="The https:// address of an image, best in 16:9. Empty: the source's own.",
        widget=address_input(),
    )

    def clean_thumbnail_url(self) -> str:
        """Return the URL if the pages' content security policy allows it, else raise."""
        url: str = self.cleaned_data["thumbnail_url"].strip()
        own = url.startswith("/") and not url.startswith("//")
        if url and not own and not url.startswith("https://"):
            raise forms.ValidationError(NOT_SHOWN)
        return url


class NewContentForm(ContentForm):
    """The form to add content: its URL, title and thumbnail."""

    url = forms.CharField(
        label="URL",
        max_length=8192,
        widget=address_input(autofocus=True, placeholder="The link of a file or a video"),
    )
    field_order = ["url", "title", "thumbnail_url"]

    def clean_url(self) -> str:
        try:
            return normalise(self.cleaned_data["url"])
        except DownloadError as error:
            raise forms.ValidationError(error.message) from None
