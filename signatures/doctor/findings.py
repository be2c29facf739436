"""What a check of the doctor finds, without secrets, addresses and names of people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection


class Level(StrEnum):
    """How bad a finding is."""

    OK = "OK"
    WARN = "WARN"
    WRONG = "WRONG"


@dataclass(frozen=True)
class Finding:
    """One sentence on what is, and one on how to mend it; empty where nothing has to be."""

    level: Level
    what: str
    mend: str = ""


@dataclass(frozen=True)
class Options:
    """What the operator lets the checks do.

    :param front: scheme, host and port at which the site's front is reached; empty for SITE_ORIGIN
    :param send_mail: an address that one real mail is sent to; empty for none
    :param nameserver: address, perhaps with a port, of the server that DNS is asked of; empty for the system's
    """

    front: str = ""
    send_mail: str = ""
    nameserver: str = ""


Check = Callable[[Options], Iterator[Finding]]


def fine(what: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(Level.OK, what)


def warn(what: str, mend: str) -> Finding:
    """Return that something may harm somebody, or will."""
    return Finding(Level.WARN, what, mend)


def wrong(what: str, mend: str) -> Finding:
    """Return that something harms somebody now."""
    return Finding(Level.WRONG, what, mend)


def rows(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a statement that reads, and return its rows.

    :raises django.db.Error: if the database cannot be reached, or refuses
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
