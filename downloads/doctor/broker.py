"""Redis: whether it answers, takes messages and keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from downloads.doctor.finding import Finding, fail, ok, warn
from downloads.engine.core.humanize import size_in_words
from downloads.queue import broker

TIMEOUT: Final = 2.0  # seconds
ASKED_AGAIN: Final = 3
NEARLY_FULL: Final = 0.85  # of maxmemory
OLDEST: Final = 6  # the first with the commands that Celery and Channels send


def probe() -> Iterator[Finding]:
    if not settings.REDIS_URL:
        yield fail(
            "redis",
            "No Redis is known.",
            "Set REDIS_URL, or start `manage.py up`, which runs an embedded one.",
        )
        return
    state = broker.ask(settings.CELERY_BROKER_URL)
    for _ in range(ASKED_AGAIN):  # the pages' patience is short, and a busy machine is not down
        if state.fault == broker.AWAY:
            state = broker.ask(settings.CELERY_BROKER_URL)
    if state.fault:
        text, _, fix = state.fault.partition(": ")
        yield fail("redis", f"{text}.", fix[:1].upper() + fix[1:])
        return
    facts = _facts()
    yield ok("redis", f"Redis {facts.get('redis_version', '')} answers and takes messages.")
    yield _policy(facts)
    yield _memory(facts)
    yield _persistence(facts)


def _facts() -> dict[str, Any]:
    """Return INFO; empty if a hosted Redis refuses it."""
    client = redis.Redis.from_url(
        settings.CELERY_BROKER_URL,
        socket_connect_timeout=TIMEOUT,
        socket_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )
    with client:
        try:
            found: Any = client.info()
        except redis.RedisError:
            return {}
        return dict(found)


def _policy(facts: dict[str, Any]) -> Finding:
    policy = str(facts.get("maxmemory_policy", "unknown"))
    if policy.startswith("allkeys-"):
        return warn(
            "redis_policy",
            f"Redis may evict the queue (maxmemory-policy {policy}).",
            "Set its maxmemory-policy to noeviction. Lost wake-ups are sent again meanwhile.",
        )
    return ok("redis_policy", f"Redis does not evict the queue (maxmemory-policy {policy}).")


def _memory(facts: dict[str, Any]) -> Finding:
    used, most = int(facts.get("used_memory", 0)), int(facts.get("maxmemory", 0))
    if not most:
        return ok("redis_memory", f"Redis uses {size_in_words(used)} and has no limit.")
    text = f"Redis uses {size_in_words(used)} of {size_in_words(most)}."
    if used >= most * NEARLY_FULL:
        return warn("redis_memory", text, "Raise its maxmemory, or free some.")
    return ok("redis_memory", text)


def _persistence(facts: dict[str, Any]) -> Finding:
    states = {facts.get("aof_last_write_status"), facts.get("rdb_last_bgsave_status")}
    if "err" in states:
        return warn(
            "redis_persistence",
            "Redis cannot write its data to its disk.",
            "Free space where it keeps its data, and look at its log: it may stop to take writes.",
        )
    if facts.get("aof_enabled"):
        return ok("redis_persistence", "Redis keeps its data over a restart.")
    return ok(
        "redis_persistence",
        "Redis may lose messages in a restart; they are sent again from the database.",
    )
