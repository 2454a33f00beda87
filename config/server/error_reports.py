"""Reports of errors to Sentry, or to a server that speaks its protocol, without secrets."""

from __future__ import annotations

from typing import Any

import sentry_sdk

from config.server.logs import scrub
from downloads.engine.core.log_context import LOG_CONTEXT


def begin(dsn: str) -> None:
    """Report each error that the logs tell, from now on and from this process."""
    sentry_sdk.init(
        dsn=dsn,
        before_send=_without_secrets,
        # Values of local variables are URLs with signatures, cookies, keys.
        include_local_variables=False,
        max_request_body_size="never",
        send_default_pii=False,
        # Sources and storages get no header that tells of a report.
        trace_propagation_targets=[],
        traces_sample_rate=None,
    )


def _without_secrets(event: Any, hint: dict[str, Any]) -> Any:
    # Its address may be a link that opens a file: the request's id leads to the access log.
    event.pop("request", None)
    event.setdefault("tags", {}).update(LOG_CONTEXT.get())
    return _scrubbed(event)


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {name: _scrubbed(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(one) for one in value]
    return value
