"""The form field for a URL."""

from __future__ import annotations

from django import forms


def address_input(**attributes: object) -> forms.TextInput:
    """Return a text input that no browser completes, corrects or capitalises."""
    return forms.TextInput(
        attrs={
            "autocapitalize": "none",
            "autocomplete": "off",
            "inputmode": "url",
            "spellcheck": "false",
            **attributes,
        }
    )
