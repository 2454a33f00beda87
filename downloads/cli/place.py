"""The environment of a command."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from config.variables import Environment
from downloads.engine.core.cancellation import StopToken
from downloads.engine.egress.client import Client
from downloads.engine.egress.local_addresses import endpoint, own_addresses
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.media.config import MediaConfig, find_ffmpeg
from downloads.engine.resolver.ytdlp.config import RELEASES, ExtractorConfig, configure
from downloads.engine.transfer.config import TransferConfig

if TYPE_CHECKING:
    from downloads.engine.egress.trace import Trace

_find = cache(find_ffmpeg)


@dataclass(frozen=True, slots=True)
class Place:
    """The folders and limits of a command. ``rate_limit`` in bytes per second."""

    policy: AddressPolicy
    transfer: TransferConfig
    rate_limit: int | None
    data_dir: Path
    ffmpeg: str

    @classmethod
    def of(cls, environment: Environment) -> Place:
        found = map(endpoint, (environment.redis_url, environment.database_url))
        endpoints = frozenset(each for each in found if each is not None)
        policy = AddressPolicy(
            allowed_networks=parse_allowed_networks(environment.fetch_allowed_networks),
            own_ports=frozenset({environment.port, *(port for _, port in endpoints)}),
            own_addresses=own_addresses(),
            own_endpoints=endpoints,
        )
        transfer = TransferConfig(
            connections=environment.fetch_connections,
            max_bytes=environment.fetch_max_bytes,
            deadline=environment.fetch_deadline,
            min_rate=environment.fetch_min_rate,
        )
        limit = environment.fetch_rate_limit
        configure(ExtractorConfig(environment.po_token_url, environment.data_dir / RELEASES))
        return cls(policy, transfer, limit, environment.data_dir, environment.ffmpeg_path)

    def client(self, stop: StopToken, trace: Trace | None = None) -> Client:
        return Client(self.policy, stop=stop, trace=trace)

    def media(self) -> MediaConfig:
        """Return the ffmpeg program and its limits."""
        return MediaConfig(_find(self.ffmpeg), file_bytes=2 * self.transfer.max_bytes)
