"""Turns an attempt into a signature, or changes the one that its address has: one statement, the same for both."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from signatures.models.choices import SignatureState, Source, TallyKind
from signatures.models.prepared import PreparedStatement

# ``spent`` locks the attempt and lets one of several confirmations pass; ``existing`` locks the signature, if there is
# one, and keeps its old dimensions for the tally. The work is the same whatever the address has done before, so that
# the time it takes tells nobody: what changes no number writes rows of zero, which the fold drops.
CONFIRM = PreparedStatement(
    "confirm_attempt",
    """
WITH spent AS (
    UPDATE signatures_attempt
    SET confirmed_at = now(), name_encrypted = NULL, city_encrypted = NULL, country = NULL, visibility = NULL,
        language = NULL, text_version_id = NULL, email_keys = NULL, domain_keys = NULL, suspicion = NULL
    WHERE id = %(attempt_id)s AND confirmed_at IS NULL AND expires_at > now()
    RETURNING id, petition_id
), mail AS (
    DELETE FROM signatures_outgoingmail USING spent WHERE attempt_id = spent.id
), existing AS (
    SELECT signature.id, state, source, country, language, visibility
    FROM signatures_signature AS signature JOIN spent USING (petition_id)
    WHERE email_key = ANY (%(email_keys)s)
    ORDER BY email_key = %(email_key)s DESC
    LIMIT 1
    FOR UPDATE OF signature
), inserted AS (
    INSERT INTO signatures_signature (petition_id, email_key, domain_key, state, state_reason, ever_counted, source,
        visibility, name, city, country, language, text_version_id, reason, reason_approved,
        first_confirmed_at, current_since, last_confirmed_at)
    SELECT petition_id, %(email_key)s, %(domain_key)s, %(state)s, %(state_reason)s, %(counted)s, %(source)s,
        %(visibility)s, %(name)s, %(city)s, %(country)s, %(language)s, %(text_version_id)s, %(reason)s, false,
        now(), now(), now()
    FROM spent
    WHERE NOT EXISTS (SELECT FROM existing)
    ON CONFLICT (petition_id, email_key) DO NOTHING
    RETURNING id
), changed AS (
    UPDATE signatures_signature AS signature
    SET email_key = %(email_key)s, domain_key = %(domain_key)s, source = %(source)s, visibility = %(visibility)s,
        name = %(name)s, city = %(city)s, country = %(country)s, language = %(language)s,
        text_version_id = %(text_version_id)s, reason = %(reason)s, reason_approved = false,
        -- A confirmation that began earlier may get here later.
        last_confirmed_at = greatest(signature.last_confirmed_at, now()),
        current_since = greatest(signature.current_since, now())
    FROM existing
    WHERE signature.id = existing.id
    RETURNING signature.id
), event AS (
    SELECT CASE WHEN %(counted)s THEN %(confirmed)s ELSE %(correction)s END AS kind, %(counted)s AS counts,
        %(source)s AS source, %(country)s AS country, %(language)s AS language, %(visibility)s AS visibility
    FROM inserted
    UNION ALL
    SELECT CASE WHEN state = %(counted_state)s THEN %(changed_from)s ELSE %(correction)s END,
        state = %(counted_state)s, source, country, language, visibility
    FROM existing
    UNION ALL
    SELECT CASE WHEN state = %(counted_state)s THEN %(changed_to)s ELSE %(correction)s END,
        state = %(counted_state)s, %(source)s, %(country)s, %(language)s, %(visibility)s
    FROM existing
), day AS (
    INSERT INTO signatures_tally (petition_id, kind, reason, source, country, language, visibility, amount)
    SELECT petition_id, kind, '', source, country, language, visibility, counts::int FROM event, spent
), hour AS (
    INSERT INTO signatures_hourtally (petition_id, kind, amount) SELECT petition_id, kind, counts::int FROM event, spent
)
SELECT (SELECT count(*) FROM spent), (SELECT count(*) FROM inserted) + (SELECT count(*) FROM changed)
""",
    {
        **dict.fromkeys(("attempt_id", "text_version_id"), "bigint"),
        **dict.fromkeys(("email_key", "domain_key"), "bytea"),
        "email_keys": "bytea[]",
        "counted": "boolean",
        **dict.fromkeys(("state", "state_reason", "source", "visibility", "country", "language"), "text"),
        **dict.fromkeys(("name", "city", "reason"), "text"),
        **dict.fromkeys(("confirmed", "changed_from", "changed_to", "correction", "counted_state"), "text"),
    },
)


@dataclass(frozen=True)
class Confirmation:
    """What an attempt becomes.

    :param email_keys: under every secret that the attempt carries
    :param email_key: the one of them that is written now
    :param state: of a new signature; an existing one keeps its own
    """

    attempt_id: int
    email_keys: list[bytes]
    email_key: bytes
    domain_key: bytes
    state: SignatureState
    state_reason: str | None
    visibility: str
    name: str | None
    city: str | None
    country: str
    language: str
    text_version_id: int
    reason: str | None


class RacedError(Exception):
    """Another confirmation of the same address came between; roll back and try again."""


def store_confirmation(confirmation: Confirmation) -> bool:
    """Insert or change the signature, write the tally, and wipe the attempt with its mail.

    :returns: whether the attempt was still there to be confirmed; if not, nothing was written
    :raises RacedError: if the address got its signature while this statement ran
    """
    values = {
        **vars(confirmation),
        "state": confirmation.state.value,
        "counted": confirmation.state == SignatureState.CONFIRMED,
        "counted_state": SignatureState.CONFIRMED.value,
        "source": Source.WEB.value,
        "confirmed": TallyKind.CONFIRMED.value,
        "changed_from": TallyKind.CHANGED_FROM.value,
        "changed_to": TallyKind.CHANGED_TO.value,
        "correction": TallyKind.CORRECTION.value,
    }
    with connection.cursor() as cursor:
        CONFIRM.execute(cursor, values)
        spent, stored = cursor.fetchone()
    if spent and not stored:
        raise RacedError
    return bool(spent)
