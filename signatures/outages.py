"""Tells an outage, which ends by itself, from an error of ours."""

from __future__ import annotations

import sys

import psycopg2
from django.db import Error, InterfaceError, OperationalError


def is_outage(error: BaseException | None) -> bool:
    """Return whether an error means that PostgreSQL, or the Redis that counts the limits, is away for the moment."""
    # Where the server dies in the middle of an answer, psycopg2 raises the bare class, since there is no SQLSTATE.
    cut_off = type(getattr(error, "__cause__", None)) is psycopg2.DatabaseError
    return cut_off or isinstance(error, (OperationalError, InterfaceError, *redis_errors()))


def counter_errors() -> tuple[type[Exception], ...]:
    """Return the errors of whatever counts the limits."""
    return (Error, *redis_errors())


def redis_errors() -> tuple[type[Exception], ...]:
    """Return the errors of Redis's client; none where it is not loaded, since the limits are counted elsewhere."""
    module = sys.modules.get("redis.exceptions")
    return (module.RedisError,) if module else ()
