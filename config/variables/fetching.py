from __future__ import annotations

from config import parsing
from config.start_error import StartError
from config.variables.variable import Variable, VariableSection

_UNLIMITED = "unlimited"


def _networks(networks: str) -> str:
    from downloads.engine.egress.policy import parse_allowed_networks  # not at every start

    try:
        parse_allowed_networks(networks)
    except ValueError as error:
        raise StartError(f"FETCH_ALLOWED_NETWORKS: {error}") from None
    return networks


def _po_token_url(url: str) -> str:
    from downloads.engine.core.errors import DownloadError  # not at every start
    from downloads.engine.egress.target import parse

    expected = "must be an address of plain http without a query, such as http://127.0.0.1:4416"
    try:
        target = parse(url)
    except DownloadError:
        raise ValueError(expected) from None
    if target.scheme != "http" or target.credentials or "?" in target.path:
        raise ValueError(expected)
    return target.url.rstrip("/")


def _index_url(url: str) -> str:
    if not url.startswith(("https://", "http://", "file://")) or any(map(str.isspace, url)):
        raise ValueError("must be an address such as https://pypi.example.org/simple")
    return url


def _ffmpeg(path: str) -> str:
    from downloads.engine.media.config import find_ffmpeg  # not at every start

    return str(find_ffmpeg(path))


class FetchVariables(VariableSection):
    """Fetching"""

    fetch_allowed_networks = Variable(
        parsing.or_empty(parsing.ValueType("CIDR or CIDR:port, with commas", _networks)),
        "",
        "Private addresses that downloads may reach; never Ferry's own ports.",
    )
    fetch_connections = Variable(
        parsing.whole_number(1, 64, "connections"), "8", "Connections for one file."
    )
    fetch_host_concurrency = Variable(
        parsing.whole_number(1, 1000, "downloads"),
        "4",
        "Downloads running against one source host.",
    )
    fetch_max_bytes = Variable(parsing.byte_size(1), "100 GiB", "Largest file.")
    fetch_deadline = Variable(parsing.duration, "12h", "Longest time that one fetch may take.")
    fetch_min_rate = Variable(
        parsing.byte_size(),
        "1 KiB",
        "A fetch that is slower than this over 60 s is stopped.",
        unit="bytes per second",
    )
    fetch_rate_limit = Variable(
        parsing.optional(parsing.byte_size(1024), _UNLIMITED),
        _UNLIMITED,
        "Highest rate of one worker process.",
        unit="bytes per second",
    )
    ffmpeg_path = Variable(
        parsing.or_empty(parsing.ValueType("path", _ffmpeg)),
        "",
        "Another ffmpeg.",
        shown_default="the packaged one",
    )


class ExtractorVariables(VariableSection):
    """Sites"""

    po_token_url = Variable(
        parsing.or_empty(parsing.ValueType("http address", _po_token_url)),
        "",
        "A [bgutil-ytdlp-pot-provider](operators.md#po-tokens), such as `http://127.0.0.1:4416`,"
        " that is asked for YouTube's PO tokens. It may be private: it need not be in"
        " `FETCH_ALLOWED_NETWORKS`.",
    )

    ytdlp_updates = Variable(
        parsing.choice("off", "stable", "nightly"),
        "off",
        "Once a day each host of a worker takes a newer [yt-dlp](operators.md#a-newer-yt-dlp), if"
        " it passes its self-test. `off`: the installed one, and no request to an index.",
    )
    ytdlp_index_url = Variable(
        parsing.or_empty(parsing.ValueType("http(s) address", _index_url)),
        "",
        "The index that it comes from, such as `https://pypi.example.org/simple`.",
        shown_default="pip's own configuration",
        secret=True,
    )


class LimitVariables(VariableSection):
    """Limits of workers and users"""

    worker_concurrency = Variable(
        parsing.whole_number(1, 256, "downloads"), "4", "Downloads at once in one worker."
    )
    user_max_active = Variable(
        parsing.whole_number(1, 1000, "downloads"),
        "3",
        "Downloads at once of one user; a user's own limit overrides it.",
    )
    user_storage_quota = Variable(
        parsing.optional(parsing.byte_size(), _UNLIMITED),
        _UNLIMITED,
        "Storage of one user; a user's own limit overrides it.",
    )
    default_expires_in_days = Variable(
        parsing.optional(parsing.whole_number(1, 36500, "days"), "never"),
        "never",
        "Time after which a finished download expires.",
    )
