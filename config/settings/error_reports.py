"""The server that errors are reported to, if any."""

from __future__ import annotations

from config.settings.environment import ENVIRONMENT

if ENVIRONMENT.sentry_dsn:  # its package is loaded only then
    from config.server.error_reports import begin

    begin(ENVIRONMENT.sentry_dsn)
