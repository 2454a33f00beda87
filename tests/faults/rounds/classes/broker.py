"""Broker: away, frozen, emptied, full, its clients thrown out."""

from __future__ import annotations

import time

import redis

from config import datadir
from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site
from tests.support.stack import until


def _client(site: Site) -> redis.Redis:
    url = datadir.read(datadir.redis_url_file(site.stack.data_dir))
    return redis.Redis.from_url(url, socket_timeout=5)


def take_away(site: Site, download: str) -> None:
    site.stack.hold_redis()
    try:
        time.sleep(3)
    finally:
        site.stack.release_redis()
    until(lambda: site.stack.processes("valkey-server"), 30)


def freeze(site: Site, download: str) -> None:
    server = site.stack.one("valkey-server")
    server.suspend()
    try:
        time.sleep(4)
    finally:
        server.resume()


def empty(site: Site, download: str) -> None:
    with _client(site) as client:
        for _ in range(20):
            client.flushall()
            time.sleep(0.1)


def fill(site: Site, download: str) -> None:
    with _client(site) as client:
        client.config_set("maxmemory", 1)
        try:
            time.sleep(3)
        finally:
            client.config_set("maxmemory", "256mb")


def throw_out_its_clients(site: Site, download: str) -> None:
    with _client(site) as client:
        for _ in range(3):
            client.client_kill_filter(skipme=True, _type="normal")
            client.client_kill_filter(skipme=True, _type="pubsub")
            time.sleep(1)


FAULTS = (
    Fault("Redis killed for 3 s", take_away),
    Fault("Redis frozen for 4 s", freeze),
    Fault("FLUSHALL for 2 s", empty),
    Fault("Redis full for 3 s", fill),
    Fault("CLIENT KILL for 3 s", throw_out_its_clients),
)
