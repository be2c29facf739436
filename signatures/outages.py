"""Distinguishes outages, which end by themselves, from errors of ours, and says why PostgreSQL lets nobody in."""

from __future__ import annotations

import re

import psycopg2
from django.db import InterfaceError, OperationalError

# What libpq says of a connection that was not made. Nothing was asked yet, so that the message has no visitor's values.
NOT_CONNECTED = re.compile(
    r"(?:connection to server (?:at|on socket) .*? failed: |could not translate host name )(?P<reason>[^\n]+)"
)
HOST_UNKNOWN = "the host name of the database cannot be resolved"
# What is quoted, and addresses: of hosts, accounts, databases and files.
QUOTED = re.compile(
    r"\"[^\"]*\"|“[^”]*”|«[^»]*»|\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}"
)
SENTENCE_LENGTH_MAX = 200


def is_outage(error: BaseException | None) -> bool:
    """Return whether an error means that PostgreSQL is temporarily unavailable."""
    # If the server dies in the middle of a response, psycopg2 raises the base class, since there is no SQLSTATE.
    cut_off = type(getattr(error, "__cause__", None)) is psycopg2.DatabaseError
    return cut_off or isinstance(error, (OperationalError, InterfaceError))


def refusal_of(error: BaseException | None) -> str:
    """Return why a connection to PostgreSQL was not made, in its own words without names; otherwise an empty string.

    Such as ``FATAL: password authentication failed for user "…"``. Messages of statements are never returned.
    """
    cause = error if isinstance(error, psycopg2.Error) else getattr(error, "__cause__", None)
    if not isinstance(cause, psycopg2.OperationalError) or cause.pgcode is not None:
        return ""
    tried = list(NOT_CONNECTED.finditer(str(cause)))
    if not tried:
        return ""
    # Of several addresses of a host the first may be one that nothing listens on.
    found = tried[-1]
    if found[0].startswith("could not translate"):
        return HOST_UNKNOWN
    return QUOTED.sub("…", " ".join(found["reason"].split()))[:SENTENCE_LENGTH_MAX]
