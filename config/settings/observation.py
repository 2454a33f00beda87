"""The servers that errors and traces are sent to, if any. Their packages are loaded only then."""

from __future__ import annotations

from config.settings.environment import ENVIRONMENT

if ENVIRONMENT.sentry_dsn:
    from config.server import error_reports

    error_reports.begin(ENVIRONMENT.sentry_dsn)

if ENVIRONMENT.otel_exporter_otlp_endpoint:
    from config.server import traces

    traces.begin(ENVIRONMENT.otel_exporter_otlp_endpoint)
