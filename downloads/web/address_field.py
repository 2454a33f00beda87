"""The box for an address: nothing in it is a word to be completed, corrected or capitalised."""

from __future__ import annotations

from django import forms


def address_input(**attributes: object) -> forms.TextInput:
    return forms.TextInput(
        attrs={
            "autocapitalize": "none",
            "autocomplete": "off",
            "inputmode": "url",
            "spellcheck": "false",
            **attributes,
        }
    )
