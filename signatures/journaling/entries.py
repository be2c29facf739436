"""What an entry of the journal says, and how a line of it is sealed: encrypted and authenticated, by its place."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

# What an entry is about that is there so that nobody can tell by time or by number of rows whether there was another.
NOTHING = "nothing"
# Lines are filled up with blanks to a multiple of this: how long one is does not tell what was taken away, if anything.
LINE_FILLED_TO = 2048


class UnreadableLineError(Exception):
    """A line was changed, moved to another place, or written under a key that is not among the settings."""


@dataclass(frozen=True)
class Entry:
    """What a row is since something was taken away from it, or that it is gone.

    :ivar number: later entries about a row have higher ones
    :ivar about: the table, or what else it is about
    :ivar at: when the transaction began that did it
    """

    number: int
    about: str
    row_id: int | None
    is_gone: bool
    facts: dict[str, Any] = field(hash=False)
    at: datetime


def seal(entries: Iterable[Entry], *, file: str, line: int, highest: int) -> bytes:
    """Return a line with its end, which can be read in this file and as this line only.

    :param highest: the highest number up to the end of this line
    """
    rows = [[one.number, one.about, one.row_id, one.is_gone, one.facts, one.at.isoformat()] for one in entries]
    text = json.dumps([file, line, highest, rows], ensure_ascii=False, separators=(",", ":")).encode()
    return _keys().encrypt(text + b" " * (-len(text) % LINE_FILLED_TO)) + b"\n"


def unseal(token: bytes, *, file: str | None = None, line: int = 0) -> list[Entry]:
    """Return the entries of a line.

    :param token: the line without its end
    :param file: the name of the file in which it must stand, as the given line; None if that does not matter
    :raises UnreadableLineError: if it is not this line of this file, as it was written
    """
    in_file, in_line, _, rows = _read(token)
    if file is not None and (in_file, in_line) != (file, line):
        raise UnreadableLineError
    return [
        Entry(number, about, row_id, is_gone, facts, datetime.fromisoformat(at).astimezone(UTC))
        for number, about, row_id, is_gone, facts, at in rows
    ]


def highest_up_to(token: bytes) -> int:
    """Return the highest number in a file up to the end of a line.

    :param token: the line without its end
    :raises UnreadableLineError: if it is not as it was written
    """
    return _read(token)[2]


def _read(token: bytes) -> tuple[str, int, int, list[Any]]:
    try:
        file, line, highest, rows = json.loads(_keys().decrypt(token))
    except (InvalidToken, ValueError) as error:
        raise UnreadableLineError from error
    return file, line, highest, rows


def address_marks(petition_id: int, email_keys: Iterable[bytes]) -> list[str]:
    """Return what is noted of an address in place of its keys, which must not outlive its signature."""
    return [_mark(settings.JOURNAL_KEYS[0], petition_id, key) for key in email_keys]


def possible_marks(petition_id: int, email_keys: Iterable[bytes | memoryview]) -> list[str]:
    """Return the marks that may have been noted of an address, under every key of the journal."""
    return [_mark(secret, petition_id, bytes(key)) for key in email_keys for secret in settings.JOURNAL_KEYS]


def _mark(secret: str, petition_id: int, email_key: bytes) -> str:
    message = b"\0".join([b"address", str(petition_id).encode(), email_key])
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.JOURNAL_KEYS])
