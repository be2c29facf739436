"""Distinguishes outages, which end by themselves, from errors of ours."""

from __future__ import annotations

import sys

import psycopg2
from django.db import Error, InterfaceError, OperationalError


def is_outage(error: BaseException | None) -> bool:
    """Return whether an error means that PostgreSQL, or the Redis for the rate limits, is temporarily unavailable."""
    # If the server dies in the middle of a response, psycopg2 raises the base class, since there is no SQLSTATE.
    cut_off = type(getattr(error, "__cause__", None)) is psycopg2.DatabaseError
    return cut_off or isinstance(error, (OperationalError, InterfaceError, *redis_errors()))


def counter_errors() -> tuple[type[Exception], ...]:
    """Return the errors that the cache of the rate limits may raise, in PostgreSQL or Redis."""
    return (Error, *redis_errors())


def redis_errors() -> tuple[type[Exception], ...]:
    """Return the base error of Redis's client, or nothing if it is not loaded because the limits are elsewhere."""
    module = sys.modules.get("redis.exceptions")
    return (module.RedisError,) if module else ()
