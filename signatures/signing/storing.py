"""Stores an attempt with its mail and its tally in one statement: one transaction, one wait for the disk."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import connection

from signatures.models.choices import MailKind, PetitionStatus, Source, TallyKind
from signatures.models.prepared import PreparedStatement

# The hot path during a flood of visitors; four separate inserts take three times as long.
STORE_ATTEMPT = PreparedStatement(
    "store_attempt",
    """
WITH petition AS (
    SELECT id FROM signatures_petition
    WHERE id = %(petition_id)s AND status = %(open)s AND opens_at <= now() AND (closes_at IS NULL OR closes_at > now())
        AND NOT EXISTS (
            SELECT FROM signatures_textversion WHERE petition_id = %(petition_id)s AND number > %(version_number)s)
), attempt AS (
    INSERT INTO signatures_attempt (petition_id, code_hash, name_encrypted, city_encrypted, country, visibility,
        language, text_version_id, email_keys, domain_keys, suspicion)
    SELECT id, %(code_hash)s, %(name)s, %(city)s, %(country)s, %(visibility)s, %(language)s,
        %(text_version_id)s, %(email_keys)s, %(domain_keys)s, %(suspicion)s
    FROM petition
    RETURNING id
), mail AS (
    INSERT INTO signatures_outgoingmail (kind, petition_id, attempt_id, language, address_encrypted, secret_encrypted,
        message_id, attempts_made, counted)
    SELECT %(mail_kind)s, %(petition_id)s, id, %(language)s, %(envelope)s, %(code)s, %(message_id)s, 0, false
    FROM attempt
), day AS (
    INSERT INTO signatures_tally (petition_id, kind, reason, source, country, language, visibility, amount)
    SELECT id, %(submitted)s, '', %(source)s, %(country)s, %(language)s, %(visibility)s, 1 FROM petition
)
INSERT INTO signatures_hourtally (petition_id, kind, amount) SELECT id, %(submitted)s, 1 FROM petition
""",
    {
        **dict.fromkeys(("petition_id", "text_version_id"), "bigint"),
        **dict.fromkeys(("code_hash", "name", "city", "envelope", "code"), "bytea"),
        **dict.fromkeys(("email_keys", "domain_keys"), "bytea[]"),
        **dict.fromkeys(("language", "country", "visibility", "suspicion"), "text"),
        **dict.fromkeys(("open", "submitted", "source", "mail_kind"), "text"),
        "version_number": "integer",
        "message_id": "uuid",
    },
)


@dataclass(frozen=True)
class NewAttempt:
    """The values of a new attempt; name, city, envelope and code are already encrypted.

    :param domain_keys: the domain marks, or None for large providers
    """

    petition_id: int
    text_version_id: int
    version_number: int
    language: str
    country: str
    visibility: str
    suspicion: str | None
    name: bytes | None
    city: bytes | None
    code_hash: bytes
    email_keys: list[bytes]
    domain_keys: list[bytes] | None
    envelope: bytes
    code: bytes


def store_attempt(attempt: NewAttempt) -> bool:
    """Insert the attempt, its mail and its tally rows, if the petition takes signatures and this is its newest text.

    :returns: whether they were inserted
    """
    values = {
        **vars(attempt),
        "mail_kind": MailKind.CONFIRM.value,
        "message_id": uuid.uuid4(),
        "open": PetitionStatus.OPEN.value,
        "submitted": TallyKind.SUBMITTED.value,
        "source": Source.WEB.value,
    }
    with connection.cursor() as cursor:
        STORE_ATTEMPT.execute(cursor, values)
        return bool(cursor.rowcount == 1)
