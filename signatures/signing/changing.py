"""Lowers or erases a signature and invalidates the attempts of its address, in one uniform statement each."""

from __future__ import annotations

from django.db import connection

from signatures.journaling.entries import NOTHING, address_marks
from signatures.models import Signature
from signatures.models.choices import Language, SignatureState, Source, StateReason, TallyKind, Visibility
from signatures.models.prepared import PreparedStatement
from signatures.tokens import MySignature

# As in confirming: a call that changes no number writes as many rows of zero, which the fold drops, so that the
# response time reveals neither whether there is a signature nor its state. A row that is as low already is rewritten
# unchanged. Attempts come before signatures, and these before tallies, as everywhere: a purge and a repair lock the
# tables in this order.
SPEND = """
WITH waiting AS (
    SELECT id, country, language, visibility FROM signatures_attempt
    WHERE petition_id = %(petition_id)s AND email_keys && %(email_keys)s
    ORDER BY id
    FOR UPDATE
), died AS (
    DELETE FROM signatures_attempt AS attempt USING waiting WHERE attempt.id = waiting.id
    RETURNING waiting.country, waiting.language, waiting.visibility
), mail AS (
    DELETE FROM signatures_outgoingmail USING waiting WHERE attempt_id = waiting.id
), noted AS (
    -- Whether or not there is anything: each call notes two rows, one of them by a trigger if there is a signature.
    INSERT INTO signatures_erasure (about, row_id, facts)
    SELECT 'address', %(petition_id)s,
        jsonb_build_object('marks', %(marks)s)
), locked AS (
    SELECT count(*) AS attempts FROM died
)
"""
TALLIES = """
, every_event AS (
    SELECT kind, counts::int AS amount, source, country, language, visibility FROM event
    UNION ALL
    SELECT %(expired)s, count(*)::int, %(no_source)s, country, language, visibility
    FROM died GROUP BY country, language, visibility
    UNION ALL
    SELECT %(correction)s, 0, %(no_source)s, %(no_country)s, %(no_language)s, %(no_visibility)s
    WHERE NOT EXISTS (SELECT FROM died)
), day AS (
    INSERT INTO signatures_tally (petition_id, kind, reason, source, country, language, visibility, amount)
    SELECT %(petition_id)s, kind, '', source, country, language, visibility, amount FROM every_event
), hour AS (
    INSERT INTO signatures_hourtally (petition_id, kind, amount) SELECT %(petition_id)s, kind, amount FROM every_event
)
"""
TYPES = {
    "petition_id": "bigint",
    "email_keys": "bytea[]",
    "marks": "text[]",
    **dict.fromkeys(("expired", "correction", "counted_state", "nothing"), "text"),
    **dict.fromkeys(("no_source", "no_country", "no_language", "no_visibility"), "text"),
}
LEAVING = {
    "withdrawn": TallyKind.WITHDRAWN.value,
    "removed": SignatureState.REMOVED.value,
    "held": SignatureState.HELD.value,
    "trap": StateReason.HONEYPOT.value,
}
LOWER = PreparedStatement(
    "lower_signature",
    f"""{SPEND}
, existing AS (
    SELECT id, state, source, country, language, visibility, visibility = ANY (%(higher)s) AS lowers
    FROM signatures_signature
    WHERE petition_id = %(petition_id)s AND email_key = ANY (%(email_keys)s) AND (SELECT attempts >= 0 FROM locked)
    ORDER BY id
    FOR UPDATE
), changed AS (
    UPDATE signatures_signature AS signature
    -- Of the row alone: constraints are checked before PostgreSQL looks for a newer version of it, which is what was
    -- locked, so that the old one and the new one must not be mixed here.
    SET visibility = CASE WHEN signature.visibility = ANY (%(higher)s) THEN %(visibility)s
            ELSE signature.visibility END,
        reason = CASE WHEN signature.visibility = ANY (%(higher)s) THEN NULL ELSE signature.reason END,
        reason_approved = signature.reason_approved AND signature.visibility <> ALL (%(higher)s),
        name = CASE WHEN %(named)s THEN signature.name END,
        city = CASE WHEN %(named)s THEN signature.city END
    FROM existing
    WHERE signature.id = existing.id
), filled AS (
    INSERT INTO signatures_erasure (about, row_id)
    SELECT %(nothing)s, %(petition_id)s WHERE NOT EXISTS (SELECT FROM existing WHERE lowers)
), event AS (
    SELECT CASE WHEN lowers AND state = %(counted_state)s THEN %(changed_from)s ELSE %(correction)s END AS kind,
        lowers AND state = %(counted_state)s AS counts, source, country, language, visibility
    FROM existing
    UNION ALL
    SELECT CASE WHEN lowers AND state = %(counted_state)s THEN %(changed_to)s ELSE %(correction)s END,
        lowers AND state = %(counted_state)s, source, country, language, %(visibility)s
    FROM existing
    UNION ALL
    SELECT %(correction)s, false, %(no_source)s, %(no_country)s, %(no_language)s, %(no_visibility)s
    FROM generate_series(1, 2)
    WHERE NOT EXISTS (SELECT FROM existing)
)
{TALLIES}
SELECT""",  # noqa: S608 - a constant of ours
    TYPES
    | {"higher": "text[]", "named": "boolean", **dict.fromkeys(("visibility", "changed_from", "changed_to"), "text")},
)


def _leaving(name: str, which: str, types: dict[str, str]) -> PreparedStatement:
    """Return the statement by which a signature goes for good; only whose it is differs.

    :param which: the condition on the row
    :param types: of what this condition compares with
    """
    return PreparedStatement(
        name,
        f"""{SPEND}
-- Who lowers may still want a link that waits; who has withdrawn gets no mail more, and leaves no address in the queue.
, link AS (
    DELETE FROM signatures_outgoingmail WHERE petition_id = %(petition_id)s AND email_keys && %(email_keys)s
), gone AS (
    DELETE FROM signatures_signature
    WHERE petition_id = %(petition_id)s AND {which} AND (SELECT attempts >= 0 FROM locked)
    RETURNING email_key, state, state_reason, source, country, language, visibility
), mark AS (
    -- Of what an organiser decided; what only a trap had held is undone by signing properly in any case.
    INSERT INTO signatures_removedmark (petition_id, email_key, state, reason)
    SELECT %(petition_id)s, email_key, state, state_reason FROM gone
    WHERE email_key IS NOT NULL
        AND (state = %(removed)s OR (state = %(held)s AND state_reason <> %(trap)s))
    ON CONFLICT (petition_id, email_key) DO NOTHING
), filled AS (
    INSERT INTO signatures_erasure (about, row_id)
    SELECT %(nothing)s, %(petition_id)s WHERE NOT EXISTS (SELECT FROM gone)
), event AS (
    SELECT CASE WHEN state = %(counted_state)s THEN %(withdrawn)s ELSE %(correction)s END AS kind,
        state = %(counted_state)s AS counts, source, country, language, visibility
    FROM gone
    UNION ALL
    SELECT %(correction)s, false, %(no_source)s, %(no_country)s, %(no_language)s, %(no_visibility)s
    WHERE NOT EXISTS (SELECT FROM gone)
)
{TALLIES}
SELECT count(*) FROM gone""",  # noqa: S608 - a constant of ours
        TYPES | dict.fromkeys(("withdrawn", "removed", "held", "trap"), "text") | types,
    )


WITHDRAW = _leaving("withdraw_signature", "email_key = ANY (%(email_keys)s)", {})
# The row that somebody has read, as it was then: one that was confirmed or lowered since stays.
ERASE = _leaving(
    "erase_signature",
    "id = %(signature_id)s AND last_confirmed_at = %(last_confirmed_at)s AND visibility = %(visibility)s",
    {"signature_id": "bigint", "last_confirmed_at": "timestamptz", "visibility": "text"},
)


def lower_stored(subject: MySignature, to: Visibility) -> None:
    """Lower the signature to a visibility, delete pending attempts and mails, and write the tally."""
    values = {
        **_values(subject),
        "visibility": to.value,
        "named": to != Visibility.COUNTED,
        "higher": [choice.value for choice in Visibility if choice.reach > to.reach],
        "changed_from": TallyKind.CHANGED_FROM.value,
        "changed_to": TallyKind.CHANGED_TO.value,
    }
    with connection.cursor() as cursor:
        LOWER.execute(cursor, values)


def erase_stored(subject: MySignature) -> None:
    """Delete the signature with pending attempts and mails, and write the tally; a stopped signature leaves a mark."""
    with connection.cursor() as cursor:
        WITHDRAW.execute(cursor, _values(subject) | LEAVING)


def erase_stored_row(signature: Signature) -> bool:
    """Delete a signature as its signer would, also one that has no address; it stays if it has changed since.

    :param signature: as it was read
    :returns: whether it was deleted
    """
    subject = MySignature(signature.petition_id, [bytes(signature.email_key)] if signature.email_key else [])
    row = {
        "signature_id": signature.pk,
        "last_confirmed_at": signature.last_confirmed_at,
        "visibility": signature.visibility,
    }
    with connection.cursor() as cursor:
        ERASE.execute(cursor, _values(subject) | LEAVING | row)
        return bool(cursor.fetchone()[0])


def _values(subject: MySignature) -> dict[str, object]:
    return {
        "petition_id": subject.petition_id,
        "email_keys": subject.email_keys,
        "marks": address_marks(subject.petition_id, subject.email_keys),
        "counted_state": SignatureState.CONFIRMED.value,
        "correction": TallyKind.CORRECTION.value,
        "expired": TallyKind.EXPIRED.value,
        "nothing": NOTHING,
        # Dimensions of a row of zero if there is no signature.
        "no_source": Source.WEB.value,
        "no_country": "ZZ",
        "no_language": Language.EN.value,
        "no_visibility": Visibility.COUNTED.value,
    }
