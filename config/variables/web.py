from __future__ import annotations

from config import parsing, paths
from config.variables.variable import Variable, VariableSection


class WebVariables(VariableSection):
    """Web"""

    port = Variable(parsing.whole_number(1, 65535), "8000", "Port that `manage.py up` listens on.")
    host = Variable(
        parsing.listen_host,
        "127.0.0.1",
        "Address that `manage.py up` listens on; `0.0.0.0` for every interface, `::` with IPv6.",
    )
    unix_socket = Variable(
        parsing.socket_path,
        "",
        "Unix socket that the web process listens on too, for a proxy on this machine, such as"
        " `/run/ferry/web.sock`.",
        shown_default="none",
    )
    unix_socket_mode = Variable(
        parsing.file_mode, "660", "Mode of the Unix socket: who may write to it may connect."
    )
    unix_socket_group = Variable(
        parsing.group,
        "",
        "Group of the Unix socket, such as `www-data`; Ferry's user must be in it.",
        shown_default="that of the process",
    )
    url_prefix = Variable(
        parsing.ValueType("path", paths.url_prefix),
        "",
        "Path that everything lies below, such as `/ferry`, if the site has other things at its"
        " root. The proxy in front may strip it or leave it.",
        shown_default="none: the root",
    )
    allowed_hosts = Variable(
        parsing.host_names,
        "",
        "Host names of the site.",
        shown_default="this machine's names and addresses",
    )
    csrf_trusted_origins = Variable(
        parsing.origins,
        "",
        "Origins of this site, such as `https://ferry.example.org`, if a proxy changes scheme or"
        " port.",
    )
    cors_allowed_origins = Variable(
        parsing.origins_or_any,
        "",
        "Origins of other sites whose pages may use the API with a token; `*` for any.",
    )
    behind_https_proxy = Variable(
        parsing.boolean,
        "false",
        "Set to true only if an HTTPS proxy of yours alone reaches the web process: its"
        " `X-Forwarded-Proto` is believed, cookies are secure, HSTS is on.",
    )
    trusted_proxies = Variable(
        parsing.trusted_proxies,
        "",
        "Addresses of your proxies, such as `127.0.0.1`, `10.0.0.0/8` or `fd00::/8`, and `unix` for"
        " the one at `UNIX_SOCKET`: what `X-Forwarded-For` of these says is the client's address."
        " Limits of sign-in and connections are counted by it.",
    )
    request_max_bytes = Variable(
        parsing.byte_size(1024), "1 MiB", "Larger requests are answered with 413."
    )
    signup_open = Variable(parsing.boolean, "false", "Lets anyone create an account.")
    metrics_token = Variable(
        parsing.text, "", "Token with which a scraper reads `/metrics`.", secret=True
    )
    debug = Variable(
        parsing.boolean, "false", "Django's debug mode; never where strangers can reach it."
    )
    tz = Variable(
        parsing.time_zone, "UTC", "Time zone of the admin, and of pages without JavaScript."
    )
    log_level = Variable(
        parsing.choice("debug", "info", "warning", "error"), "info", "Lowest level that is logged."
    )
    log_format = Variable(
        parsing.choice("text", "json"), "text", "Lines for people, or JSON objects for a collector."
    )
    sentry_dsn = Variable(
        parsing.or_empty(parsing.sentry_dsn),
        "",
        "Address of a Sentry project that errors are reported to,"
        " `https://KEY@sentry.example.org/7`.",
        secret=True,
    )
    otel_exporter_otlp_endpoint = Variable(
        parsing.or_empty(parsing.address("http", "https")),
        "",
        "OpenTelemetry collector that traces are sent to, `http://collector:4318`.",
    )


class FirstAdminVariables(VariableSection):
    """The first admin, made by `manage.py up` if there is no user"""

    django_superuser_username = Variable(parsing.user_name, "admin", "Name to sign in with.")
    django_superuser_email = Variable(parsing.or_empty(parsing.email), "", "Email address.")
    django_superuser_password = Variable(
        parsing.text,
        "",
        "Password to sign in with.",
        shown_default="made up, and printed once",
        secret=True,
    )
