"""The session engine of the desk: the table holds a hash of each cookie's value, and lets nobody in who reads it.

A plain SHA-256 does: the value is 165 random bits, so that there is nothing to guess, and nothing to change when
``SECRET_KEY`` does. What is stored in a session is signed with ``SECRET_KEY`` together with the hash, so that whoever
can write to the table still cannot put one account's session under a cookie of their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.postgres.functions import TransactionNow
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string

from signatures.models import Organiser
from signatures.models.session import SEEN_LONG_AGO, Session
from signatures.safeguarding.user_agents import Browser

KEY_LENGTH = 32


class SessionStore(SessionBase):
    """A session as Django's middleware uses it.

    :param browser: that sent the request, kept in a row that is made anew
    """

    def __init__(self, session_key: str | None = None, browser: Browser | None = None) -> None:
        """Remember the value of the cookie without reading anything."""
        super().__init__(session_key)
        self.browser = browser or Browser()
        self.row_id: int | None = None
        # When the owner logged in: a new key does not make a session last longer.
        self.began: datetime | None = None
        self.outlives = False

    @property
    def key_hash(self) -> bytes:
        """Return what the table holds of the cookie's value."""
        return hash_of(self.session_key or "")

    @property
    def key_salt(self) -> str:
        """Return what the data are signed with, beside the secret: no other row can carry them."""
        return f"signatures.session.{self.key_hash.hex()}"

    def load(self) -> dict[str, Any]:
        """Return what is stored, or nothing if the session has ended, and note that it is used."""
        row: Any = Session.objects.live().filter(key_hash=self.key_hash).annotate(seen_long_ago=SEEN_LONG_AGO).first()
        if row is None:
            self._session_key = None
            return {}
        if row.seen_long_ago:
            Session.objects.filter(pk=row.pk).update(seen_at=TransactionNow())
        self.row_id = row.pk
        self.began = row.created_at if row.organiser_id is not None else None
        data: dict[str, Any] = self.decode(row.data)
        return data

    def exists(self, session_key: str) -> bool:
        """Return whether there is a row for a cookie's value."""
        return Session.objects.filter(key_hash=hash_of(session_key)).exists()

    def create(self) -> None:
        """Store the session under a new key."""
        self._session_key = get_random_string(KEY_LENGTH, VALID_KEY_CHARS)
        self.save(must_create=True)
        self.modified = True

    def cycle_key(self) -> None:
        """Give the session another key, whose row stays the same.

        :raises UpdateError: if somebody's session has been ended since it was read: it must not come back
        """
        data: dict[str, Any] = self._get_session()  # type: ignore[attr-defined]
        if self.outlives or SESSION_KEY not in data:
            self.outlives = False
            super().cycle_key()
            return
        before = self.key_hash
        self._session_key = get_random_string(KEY_LENGTH, VALID_KEY_CHARS)
        values = {"key_hash": self.key_hash, **self._values(data)}
        if not Session.objects.filter(key_hash=before).update(**values):
            raise UpdateError
        self.modified = True

    def outlive(self) -> None:
        """Let the next new key begin a row of its own: a new password ends all sessions in the caller's transaction.

        :raises UpdateError: if this one has been ended since it was read
        """
        # Whatever ends sessions locks the account before them, or does not lock it.
        Organiser.objects.select_for_update().filter(pk=self[SESSION_KEY]).first()
        if Session.objects.select_for_update().filter(key_hash=self.key_hash).first() is None:
            raise UpdateError
        self.outlives = True

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 - Django calls it so
        """Store the session.

        :raises CreateError: if a new row was asked for and there is one already
        :raises UpdateError: if the session has been ended since it was read
        """
        if self.session_key is None:
            self.create()
            return
        data: dict[str, Any] = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        values = self._values(data)
        if must_create:
            self._insert(values)
        elif not Session.objects.filter(key_hash=self.key_hash).update(**values):
            raise UpdateError

    def _values(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"data": self.encode(data), "organiser_id": int(data[SESSION_KEY]) if SESSION_KEY in data else None}

    def _insert(self, values: dict[str, Any]) -> None:
        if self.began is not None and values["organiser_id"] is not None:
            values["created_at"] = self.began
        try:
            with transaction.atomic():
                row = Session.objects.create(
                    key_hash=self.key_hash, browser=self.browser.name, system=self.browser.system, **values
                )
        except IntegrityError as error:
            raise CreateError from error
        self.row_id = row.pk

    def delete(self, session_key: str | None = None) -> None:
        """Delete the row of a cookie's value, by default of this one."""
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(key_hash=hash_of(key)).delete()

    def flush(self) -> None:
        """End the session, and forget when it began."""
        super().flush()
        self.row_id = self.began = None

    @classmethod
    def clear_expired(cls) -> None:
        """Delete the rows of sessions that have ended."""
        Session.objects.ended().delete()


class SessionOfRow(SessionStore):
    """A session as its row says it, for looking at: it has no key, and nothing of it is stored."""

    def __init__(self, row: Session) -> None:
        """Read what the row holds."""
        super().__init__()
        self._hash = bytes(row.key_hash)
        self._session_cache: dict[str, Any] = self.decode(row.data)

    @property
    def key_hash(self) -> bytes:
        """Return what the row holds of the cookie's value."""
        return self._hash

    def cycle_key(self) -> None:
        """Leave the key to the browser that has it."""


def sessions_since(organiser: Organiser, began: datetime | None) -> Iterator[SessionOfRow]:
    """Yield the live sessions of a login, of which there is one, and note that they are used.

    :param began: when the owner logged in, which stays the same under every new key
    """
    if began is None:
        return
    rows: Any = Session.objects.live().filter(organiser=organiser, created_at=began)
    rows = rows.annotate(seen_long_ago=SEEN_LONG_AGO)
    for row in rows:
        if row.seen_long_ago:
            Session.objects.filter(pk=row.pk).update(seen_at=TransactionNow())
        yield SessionOfRow(row)


def hash_of(key: str) -> bytes:
    """Return what the table holds of a cookie's value."""
    return hashlib.sha256(key.encode()).digest()
