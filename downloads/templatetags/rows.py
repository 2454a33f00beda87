"""The rows of long lists."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django import template
from django.utils.safestring import SafeString

from downloads.templatetags.moments import moment
from downloads.web.cards.download import Card
from downloads.web.queue.state import WaitingRow
from downloads.web.row_template import RowTemplate

register = template.Library()
_CARD: Final = RowTemplate("downloads/_card.html")
_WAITING: Final = RowTemplate("queue/_waiting.html")


@register.simple_tag
def waiting_row(row: WaitingRow, may_act: bool) -> SafeString:
    """Render a row of the queue. ``may_act``: with its buttons."""
    form = {"hold": row.hold, "is_in_line": row.is_in_line, "may_act": may_act}
    texts = {
        "id": row.id,
        "title": row.title,
        "host": row.host,
        "owners": row.owners,
        "why": row.why,
        "until": moment(row.until) if row.until else "",
        "note": row.note,
    }
    return _WAITING.render(form, texts)


@register.simple_tag(takes_context=True)
def download_card(context: template.RequestContext, card: Card) -> SafeString:
    """Render a download of the dashboard. The context is that of its page."""
    download, page, link = card.download, context["page"], context["link"]
    is_linked = link is not None and link.download_id == download.id
    remedy = card.remedy
    form = {
        "status": download.status,
        "kind": card.kind,
        "actions": card.actions,
        "is_measured": card.is_measured,
        "is_playable": card.is_playable,
        "waits": card.waits,
        "has_percent": card.percent > 0,
        "is_remedied": remedy is not None,
        "is_playlist": remedy is not None and remedy.is_playlist,
    }
    texts = {
        "id": card.key,
        "seq": str(download.seq),
        "title": download.title,
        "picture": card.picture,
        "state": card.state,
        "amount": card.amount,
        "percent": str(card.percent),
        "done": f"{download.progress:.1f}",
        "progress_text": card.progress_text,
        "details": card.details,
        "source": card.source,
        "expiry": card.expiry,
        "speed": card.speed,
        "eta": card.eta,
        "note": card.note,
        "content_id": str(download.content_id),
        "file_url": download.file_url or "",
        "remedy": remedy.label if remedy else "",
        "remedy_href": remedy.href if remedy else "",
        "remedy_quality": str(remedy.quality or "") if remedy else "",
        "link_url": link.url if is_linked else "",
        "link_until": _time_in_words(link.expires_at) if is_linked else "",
        "tab": context["tab"],
        "search": context["search"],
        "page_number": str(page.number) if page.number > 1 else "",
        "here": context["here"],
        "csrf_token": str(context.get("csrf_token", "")),
    }
    return _CARD.render(form, texts)


def _time_in_words(moment: dt.datetime) -> str:
    utc = moment.astimezone(dt.UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M}"
