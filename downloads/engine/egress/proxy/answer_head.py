"""The head of a source's answer, rewritten: h11 reads strictly what sources write by hand."""

from __future__ import annotations

import re
from typing import Final

from downloads.engine.core.errors import BadResponse
from downloads.engine.egress.framing import framing_of
from downloads.engine.egress.head import SWITCHES, Head

_FRAMING: Final = frozenset({"content-length", "transfer-encoding"})
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def rewrite_head(head: Head) -> bytes:
    """Return the head in RFC 9112's form, with the one framing that ``framing_of`` finds.

    A coding beneath the chunks becomes one of the content: the client of this proxy undoes that.
    Raises BadResponse.
    """
    if head.status == SWITCHES:
        raise BadResponse("the source switches protocols, which was not asked for")
    framing = framing_of(head)
    fields = [(name, value) for name, value in head.fields if name.lower() not in _FRAMING]
    fields += [("Content-Encoding", coding) for coding in framing.codings]
    if framing.chunked:
        fields.append(("Transfer-Encoding", "chunked"))
    elif framing.length is not None and head.status != 204:
        fields.append(("Content-Length", str(framing.length)))
    lines = [
        f"HTTP/1.1 {head.status} {head.reason}",
        *(f"{name}: {value}" for name, value in fields),
    ]
    return "\r\n".join([*(_CONTROL.sub(" ", line) for line in lines), "", ""]).encode("latin-1")
