"""The bodies and queries that clients send, with their names on the wire.

``downloads.api.fields`` is strict about them, ``downloads.api.errors`` shapes the errors.
"""

from __future__ import annotations

from typing import Any, Final

from rest_framework.request import Request

from downloads import conf
from downloads.api.fields import (
    LONGEST_KEPT,
    Choice,
    Cursor,
    Flag,
    Id,
    Input,
    Language,
    Moment,
    QualityChoice,
    Several,
    Text,
    Whole,
)
from downloads.engine.core.media import Quality
from downloads.engine.core.options import CONTAINERS, MOST_SUBTITLES, SOUNDS, Options
from downloads.querysets import TABS
from downloads.schemas import WEBHOOK_EVENTS

LINK_LASTS: Final = 86_400  # seconds, if the client does not say
TITLE_LONGEST: Final = 500  # characters
SEARCH_LONGEST: Final = 200  # characters
VERBS: Final = ("cancel", "pause", "resume", "retry")


class Credentials(Input):
    """A username and a password."""

    username = Text(max_length=150)
    password = Text(max_length=4096, trim_whitespace=False)


class NewOptions(Input):
    """Choices beyond the quality. Null or left out: as the source has it."""

    container = Choice(CONTAINERS, required=False, allow_null=True, help_text="Of the file.")
    audio = Choice(
        SOUNDS,
        required=False,
        allow_null=True,
        help_text="What the sound of quality `audio` is re-encoded to.",
    )
    subtitles = Several(
        child=Language(),
        max_length=MOST_SUBTITLES,
        required=False,
        allow_null=True,
        help_text="Languages, as `en` or `pt-BR`, or `all`.",
    )
    language = Language(
        required=False, allow_null=True, allow_blank=True, help_text="Of the sound."
    )

    def to_internal_value(self, data: Any) -> Any:
        """Return the engine's Options. Raises ValidationError."""
        given = super().to_internal_value(data)
        return Options(
            container=given.get("container") or "",
            audio=given.get("audio") or "",
            subtitles=tuple(dict.fromkeys(given.get("subtitles") or ())),
            language=given.get("language") or "",
        )


class NewDownload(Input):
    """Exactly one of `contentId` and `url`."""

    exactly_one = ("contentId", "url")
    none = "Send a url, or the contentId of known content."
    both = "Send either contentId or url, not both."

    contentId = Id(required=False, allow_null=True)
    url = Text(required=False, allow_null=True, allow_blank=True)
    quality = QualityChoice(list(Quality), default=Quality.AUTO)
    expiresInDays = Whole(required=False, allow_null=True, min_value=1, max_value=LONGEST_KEPT)
    options = NewOptions(required=False, allow_null=True)


class DownloadChange(Input):
    """Changes of some fields; the others stay."""

    something = True
    none = "Send expiresAt or priority."

    expiresAt = Moment(required=False, allow_null=True, help_text="Null keeps it permanently.")
    priority = Whole(
        required=False, min_value=-32_768, max_value=32_767, help_text="Set by staff alone."
    )


class Actions(Input):
    """One action on many downloads."""

    action = Choice((*VERBS, "delete"))
    ids = Several(child=Id(), min_length=1, max_length=conf.MAX_ACTIONS)


class EntryChoice(Input):
    """Entries of a playlist: `entries` by their ids, or `all` that are known."""

    exactly_one = ("entries", "all")
    none = "Send the ids of the entries, or all: true."
    both = "Send either entries or all: true, not both."

    entries = Several(
        child=Id(), required=False, allow_null=True, min_length=1, max_length=conf.MAX_ACTIONS
    )
    all = Flag(default=False)
    quality = QualityChoice(list(Quality), default=Quality.AUTO)
    expiresInDays = Whole(required=False, allow_null=True, min_value=1, max_value=LONGEST_KEPT)
    options = NewOptions(required=False, allow_null=True)


class GroupAction(Input):
    """One action on all downloads of a group."""

    action = Choice(VERBS)


class NewCookies(Input):
    """Cookies for the fetches from one site."""

    text = Text(
        trim_whitespace=False,
        help_text="A cookies.txt file (Netscape), a browser's export in JSON, or a `Cookie:` "
        "header.",
    )
    site = Text(
        max_length=300,
        allow_blank=True,
        default="",
        help_text="As `example.com`; needed if the cookies are of several sites, or a header.",
    )


class NewWebhook(Input):
    """A webhook to add."""

    url = Text(allow_blank=True)
    events = Several(
        child=Choice(WEBHOOK_EVENTS),
        required=False,
        allow_null=True,
        min_length=1,
        max_length=50,
        help_text="Which are sent; left out: all.",
    )
    description = Text(max_length=200, allow_blank=True, default="")
    secret = Text(
        max_length=200,
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text="`whsec_` and Base64 of 24 to 64 bytes; left out: one is made.",
    )


class WebhookChange(Input):
    """Changes of some fields; the others stay."""

    something = True
    none = "Send url, events, description or enabled."

    url = Text(required=False, allow_blank=True)
    events = Several(child=Choice(WEBHOOK_EVENTS), required=False, min_length=1, max_length=50)
    description = Text(max_length=200, required=False, allow_blank=True)
    enabled = Flag(required=False, help_text="True starts again with what happens from now on.")


class NewLink(Input):
    """A link that works without signing in."""

    expiresInSeconds = Whole(min_value=1, max_value=conf.LINK_LONGEST, default=LINK_LASTS)


class NewContent(Input):
    """Content to add by its URL."""

    url = Text(allow_blank=True)
    title = Text(
        max_length=TITLE_LONGEST,
        allow_blank=True,
        default="",
        help_text="What the user calls it.",
    )


class Query(Input):
    """The query parameters of a GET: none."""

    unknown = ("unknown_parameter", "There is no such parameter. Known here: {}.")

    @classmethod
    def of(cls, request: Request) -> dict[str, Any]:
        """Return the values by name; an empty one counts as missing. Raises ValidationError, also
        for parameters that are not known."""
        query = cls(data={name: one for name, one in request.query_params.items() if one})
        query.is_valid(raise_exception=True)
        given: dict[str, Any] = query.validated_data
        return given


class PageQuery(Query):
    """The query of a list."""

    cursor = Cursor(required=False, help_text="As in `next` and `previous`.")


class Search(PageQuery):
    """The query of a list that can be searched."""

    search = Text(
        allow_blank=True,
        max_length=SEARCH_LONGEST,
        default="",
        help_text="Words of the title or parts of the URL.",
    )


class DownloadSearch(Search):
    tab = Choice(
        list(TABS), required=False, help_text="active: queued, running, paused; else all of them."
    )
    group = Id(required=False, help_text="Only those chosen from this playlist, see `groups/`.")
