"""Where the rate limits are counted: in PostgreSQL, or in Redis with PostgreSQL for as long as that is away."""

from __future__ import annotations

from typing import Any

from signatures.safeguarding.redis_places import REDIS_HINT, is_redis

COUNTERS = {"BACKEND": "signatures.safeguarding.counter_cache.CounterCache", "LOCATION": "signatures_ratelimit"}


def redis_problems(url: str) -> list[str]:
    """Return what is wrong with the address of a Redis; it may be empty."""
    return [REDIS_HINT] if url and not is_redis(url) else []


def caches_for(redis_url: str) -> dict[str, dict[str, Any]]:
    """Return Django's caches, all of which are for the limits.

    :param redis_url: the address of a Redis or of its Sentinels, or an empty string
    """
    redis = {"BACKEND": "signatures.safeguarding.redis_counters.RedisCounters", "LOCATION": redis_url}
    return {
        "default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
        "ratelimits": redis if redis_url else COUNTERS,
        # What counts while Redis is away.
        "counters": COUNTERS,
        "windows": {"BACKEND": "signatures.safeguarding.counter_cache.WindowList"},
    }
