"""The forms by which staff edit the catalogue."""

from __future__ import annotations

from typing import Final

from django import forms

from downloads.engine.core.errors import DownloadError
from downloads.engine.resolver.urls import normalise
from downloads.web.address_field import address_input

NOT_SHOWN: Final = "Enter an address that starts with https://, or leave it blank."


class ContentForm(forms.Form):
    """Title and thumbnail of content. Blank: the source's."""

    title = forms.CharField(
        max_length=500,
        required=False,
        help_text="Leave blank to use the source's title.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    thumbnail_url = forms.CharField(
        label="Image URL",
        required=False,
        help_text="Starts with https://, best in 16:9. Leave blank to use the source's image.",
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
        widget=address_input(autofocus=True, placeholder="Paste a link to a video or file"),
    )
    field_order = ["url", "title", "thumbnail_url"]

    def clean_url(self) -> str:
        try:
            return normalise(self.cleaned_data["url"])
        except DownloadError as error:
            raise forms.ValidationError(error.message) from None
