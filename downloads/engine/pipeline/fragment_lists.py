"""The fragment lists of a selection's streams, and the version of all their bytes."""

from __future__ import annotations

from collections.abc import Mapping

from downloads.engine.core.media import (
    FragmentList,
    Protocol,
    Selection,
    Validators,
    combined_revision,
)
from downloads.engine.egress.client import Client
from downloads.engine.resolver import fragments as loading

Lists = Mapping[int, FragmentList]


def load_lists(selection: Selection, client: Client) -> Lists:
    """Return the lists by the index of their stream; a whole file has none.

    Raises BadManifest, UnsupportedURL, and what the client raises.
    """
    return {
        place: loading.load(stream, client)
        for place, stream in enumerate(selection.streams)
        if stream.protocol is not Protocol.FILE
    }


def revision_of(selection: Selection, lists: Lists) -> str:
    """Return the version of all the bytes chosen: a list has its key, a file its validators."""
    return combined_revision(
        Validators(etag=lists[place].key) if place in lists else stream.validators
        for place, stream in enumerate(selection.streams)
    )
