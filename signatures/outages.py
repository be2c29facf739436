"""Tells an outage, which ends by itself, from an error of ours."""

from __future__ import annotations

import psycopg2
from django.db import InterfaceError, OperationalError
from redis.exceptions import RedisError


def is_outage(error: BaseException | None) -> bool:
    """Return whether an error means that PostgreSQL, or the Redis that counts the limits, is away for the moment."""
    # Where the server dies in the middle of an answer, psycopg2 raises the bare class, since there is no SQLSTATE.
    cut_off = type(getattr(error, "__cause__", None)) is psycopg2.DatabaseError
    return cut_off or isinstance(error, OperationalError | InterfaceError | RedisError)
