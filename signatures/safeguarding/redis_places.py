"""Reads where Redis is: one server, or several Sentinels that know which server is the master now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

SENTINEL_PORT = 26379
PORT_MAX = 65_535
PLAIN = ("redis", "rediss", "unix")
OF_SENTINELS = {"redis+sentinel": False, "rediss+sentinel": True}
SENTINEL = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:(?P<port>[0-9]{1,5}))?", re.IGNORECASE)
# Of the master: its name among the Sentinels, and the number of the database in it.
MASTER = re.compile(r"/(?P<name>[A-Za-z0-9._-]+)(/(?P<database>[0-9]{1,4}))?")

REDIS_HINT = (
    "REDIS_URL must look like redis://host:6379/0 or, for Sentinels, like"
    " redis+sentinel://:password@host1:26379,host2:26379,host3:26379/petition/0."
)


@dataclass(frozen=True)
class SentinelPlace:
    """The Sentinels of a Redis, and how to log in at the master that they name.

    :param sentinels: host and port of each
    :param name: of the master, as the Sentinels call it
    :param has_tls: whether Sentinels and master are spoken with over TLS
    """

    sentinels: tuple[tuple[str, int], ...]
    name: str
    database: int
    user: str | None
    password: str | None
    has_tls: bool


def is_of_sentinels(url: str) -> bool:
    """Return whether an address names Sentinels."""
    return urlsplit(url).scheme in OF_SENTINELS


def read_sentinels(url: str) -> SentinelPlace:
    """Read ``redis+sentinel://user:password@host:port,host:port/MASTER/0``; ``rediss+sentinel`` is the same over TLS.

    :raises ValueError: if it is not such an address
    """
    parts = urlsplit(url)
    login, _, hosts = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    sentinels = [_sentinel(word) for word in hosts.split(",")]
    master = MASTER.fullmatch(parts.path)
    if master is None or parts.scheme not in OF_SENTINELS or parts.query or parts.fragment:
        message = "This is no address of Sentinels."
        raise ValueError(message)
    return SentinelPlace(
        sentinels=tuple(sentinels),
        name=master["name"],
        database=int(master["database"] or 0),
        user=unquote(user) or None,
        password=unquote(password) or None,
        has_tls=OF_SENTINELS[parts.scheme],
    )


def is_redis(url: str) -> bool:
    """Return whether a text is an address of a Redis, or of the Sentinels of one."""
    try:
        parts = urlsplit(url)
        is_known = bool(read_sentinels(url).name) if is_of_sentinels(url) else parts.scheme in PLAIN and parts.port != 0
    except ValueError:
        return False
    return is_known


def _sentinel(word: str) -> tuple[str, int]:
    found = SENTINEL.fullmatch(word)
    port = int(found["port"] or SENTINEL_PORT) if found else 0
    if found is None or not 0 < port <= PORT_MAX:
        message = "A Sentinel is a host, and perhaps a port."
        raise ValueError(message)
    return found["host"].strip("[]"), port
