"""The signed addresses of files in the schema: their views are no views of the API."""

from __future__ import annotations

from typing import Any, Final

_ERROR: Final = {
    "application/json": {"schema": {"$ref": "#/components/schemas/ErrorPayload"}},
}
_REFUSALS: Final = {
    "403": "`link_invalid` or `link_expired`.",
    "404": "`not_found`: deleted, or no such subtitles.",
    "409": "`not_ready`: it is being fetched again.",
    "410": "`expired`: the file is gone.",
    "503": "`storage_unavailable`; `Retry-After` says when to try again.",
}
_TOKEN: Final = {"name": "token", "in": "path", "required": True, "schema": {"type": "string"}}
_RANGE: Final = {
    "name": "Range",
    "in": "header",
    "schema": {"type": "string"},
    "description": "One range.",
}
_INLINE: Final = {
    "name": "inline",
    "in": "query",
    "schema": {"type": "string", "enum": ["1"]},
    "description": "To play it instead of saving it.",
}


def add_signed_paths(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Add ``/d/``, which ``downloads.delivery.views`` answers (a hook of drf-spectacular)."""
    result["paths"]["/d/{token}/{filename}"] = {
        "get": _operation(
            "signed_file",
            "Send the file that the link opens, to anyone, as `downloads/{id}/file/` does.",
            [_TOKEN, _name("filename"), _INLINE, _RANGE],
            "application/octet-stream",
            "*/*",
        )
    }
    result["paths"]["/d/{token}/subtitles/{language}/"] = {
        "get": _operation(
            "signed_subtitles",
            "Send the subtitles beside the file that the link opens, to anyone.",
            [_TOKEN, _name("language"), _RANGE],
            "text/vtt",
        )
    }
    return result


def _name(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _operation(
    name: str, description: str, parameters: list[dict[str, Any]], *kinds: str
) -> dict[str, Any]:
    body = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in kinds}
    responses = {
        "200": {"description": "The whole of it.", "content": body},
        "206": {"description": "The range asked for.", "content": body},
        "302": {"description": "To the object storage."},
        "304": {"description": "Not changed since the ETag or the time sent."},
        "412": {"description": "Changed since the ETag or the time in If-Match."},
        "416": {"description": "No such range."},
        **{status: {"description": text, "content": _ERROR} for status, text in _REFUSALS.items()},
    }
    return {
        "operationId": name,
        "description": description,
        "parameters": parameters,
        "tags": ["links"],
        "security": [],
        "responses": dict(sorted(responses.items())),
    }
