"""Turns an attempt into a signature, or changes the one that its address has, by the same single statement."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from signatures.journaling.entries import NOTHING, address_marks
from signatures.models.choices import NameReview, SignatureState, Source, StateReason, TallyKind, Visibility
from signatures.models.prepared import PreparedStatement

# Whether a proper confirmation frees a signature that only the trap had held. Refers to this row only: mixing in the
# values of the locked row breaks constraints (see LOWER).
IS_FREED = """(is_clean AND NOT is_stopped AND signature.state = %(held)s AND signature.state_reason = %(trap)s)"""
# Of which the trigger notes a change (models/erasure.sql), as one value.
NOTED = """row(signature.state, signature.state_reason, signature.visibility, signature.name_review,
            signature.reason_approved, signature.name, signature.city, signature.reason)::text"""
# ``waiting`` locks all pending attempts of the address, in a fixed order, so that of several confirmations one consumes
# all; ``existing`` locks the signature, if there is one, and keeps its old dimensions for the tally. The work is the
# same whatever the address has done before, so that the response time reveals nothing: a change of no number writes
# rows of zero, which the fold drops. ``verdict``: somebody else may have sent a form for this address with the trap
# filled in. If its owner happens to confirm that one, the proper one is consumed with it, and the signature must not be
# held. ``stop``: whether organisers, or the worker, hold what is like this one for now.
CONFIRM = PreparedStatement(
    "confirm_attempt",
    f"""
WITH waiting AS (
    SELECT id, country, language, visibility, suspicion, expires_at FROM signatures_attempt
    WHERE petition_id = %(petition_id)s AND email_keys && %(email_keys)s
    ORDER BY id
    FOR UPDATE
), verdict AS (
    SELECT coalesce(bool_or(suspicion IS NULL), false) AS is_clean,
        max(suspicion) FILTER (WHERE id = %(attempt_id)s) AS suspicion
    FROM waiting WHERE expires_at > now()
), spent AS (
    UPDATE signatures_attempt AS attempt
    SET confirmed_at = now(), press_hash = %(press_hash)s, name_encrypted = NULL, city_encrypted = NULL,
        country = NULL, visibility = NULL, language = NULL, text_version_id = NULL, email_keys = NULL,
        domain_keys = NULL, suspicion = NULL
    FROM waiting
    WHERE attempt.id = %(attempt_id)s AND attempt.id = waiting.id AND confirmed_at IS NULL
        AND attempt.expires_at > now()
    RETURNING attempt.id, petition_id
), died AS (
    DELETE FROM signatures_attempt AS attempt USING waiting, spent
    WHERE attempt.id = waiting.id AND attempt.id <> spent.id
    RETURNING waiting.country, waiting.language, waiting.visibility
), mail AS (
    DELETE FROM signatures_outgoingmail USING waiting, spent WHERE attempt_id = waiting.id
), mark AS (
    DELETE FROM signatures_removedmark AS mark USING spent
    WHERE mark.petition_id = spent.petition_id AND email_key = ANY (%(email_keys)s)
    RETURNING mark.state, mark.reason
), marked AS (
    SELECT state, reason FROM mark ORDER BY state = %(removed)s DESC LIMIT 1
), stop AS (
    SELECT EXISTS (
        SELECT FROM signatures_standinghold AS hold
        WHERE hold.petition_id = %(petition_id)s AND hold.ends_at > now()
            AND (hold.domain_key IS NULL OR hold.domain_key = ANY (%(domain_keys)s))
            AND (hold.name_key IS NULL OR hold.name_key = ANY (%(name_keys)s))
            AND hold.country IN ('', %(country)s) AND hold.language IN ('', %(language)s)
            AND hold.visibility IN ('', %(visibility)s)
            AND (hold.text_version_id IS NULL OR hold.text_version_id = %(text_version_id)s)
    ) AS is_stopped
), existing AS (
    SELECT signature.id, state, source, country, language, visibility, ever_counted, {IS_FREED} AS is_freed,
        ({NOTED}) AS noted
    FROM signatures_signature AS signature JOIN spent USING (petition_id) CROSS JOIN verdict CROSS JOIN stop
    WHERE email_key = ANY (%(email_keys)s)
    ORDER BY email_key = %(email_key)s DESC
    LIMIT 1
    FOR UPDATE OF signature
), inserted AS (
    INSERT INTO signatures_signature (petition_id, email_key, domain_key, state, state_reason, ever_counted, source,
        visibility, name, name_review, city, country, language, text_version_id, reason, reason_approved,
        first_confirmed_at, current_since, last_confirmed_at)
    SELECT petition_id, %(email_key)s, %(domain_key)s,
        coalesce(marked.state, CASE WHEN is_clean AND NOT is_stopped THEN %(counted_state)s ELSE %(held)s END),
        coalesce(marked.reason, CASE WHEN NOT is_clean THEN suspicion WHEN is_stopped THEN %(suspicious)s END),
        is_clean AND NOT is_stopped AND marked.state IS NULL,
        %(source)s,
        %(visibility)s, %(name)s, %(name_review)s, %(city)s, %(country)s, %(language)s, %(text_version_id)s, %(reason)s,
        false,
        now(), now(), now()
    FROM spent CROSS JOIN verdict CROSS JOIN stop LEFT JOIN marked ON true
    WHERE NOT EXISTS (SELECT FROM existing)
    ON CONFLICT (petition_id, email_key) DO NOTHING
    RETURNING state = %(counted_state)s AS counts
), changed AS (
    UPDATE signatures_signature AS signature
    SET state = CASE WHEN {IS_FREED} THEN %(counted_state)s ELSE signature.state END,
        ever_counted = signature.ever_counted OR {IS_FREED},
        state_reason = CASE WHEN {IS_FREED} THEN NULL ELSE signature.state_reason END,
        email_key = %(email_key)s, domain_key = %(domain_key)s, source = %(source)s, visibility = %(visibility)s,
        name = %(name)s, city = %(city)s, country = %(country)s, language = %(language)s,
        -- What was decided on a name holds as long as it stays that name. One that only organisers and recipients have
        -- seen so far was not decided on. Whoever had one hidden has every other one looked at, whatever comes between;
        -- so has whoever has one that waits, since one that was hidden may have come before it.
        name_review = CASE
            WHEN signature.name = %(name)s AND (signature.name_review <> %(shown)s OR signature.visibility = %(public)s)
                THEN signature.name_review
            WHEN signature.name_review IN (%(hidden)s, %(waiting)s)
                THEN CASE WHEN %(name)s IS NULL THEN signature.name_review ELSE %(waiting)s END
            ELSE %(name_review)s END,
        text_version_id = %(text_version_id)s, reason = %(reason)s, reason_approved = false,
        -- A confirmation that began earlier may get here later.
        last_confirmed_at = greatest(signature.last_confirmed_at, now()),
        current_since = greatest(signature.current_since, now())
    FROM existing CROSS JOIN verdict CROSS JOIN stop
    WHERE signature.id = existing.id
    RETURNING signature.id, existing.noted IS DISTINCT FROM ({NOTED}) AS is_noted
), noted AS (
    -- Of a new signer, too, so that each call writes the journal: no earlier attempt may raise what was confirmed.
    INSERT INTO signatures_erasure (about, row_id, facts)
    SELECT 'confirmed', petition_id, jsonb_build_object('visibility', %(visibility)s, 'marks', %(marks)s)
    FROM spent
), filled AS (
    -- Where the trigger notes nothing of the row.
    INSERT INTO signatures_erasure (about, row_id)
    SELECT %(nothing)s, petition_id FROM spent WHERE NOT EXISTS (SELECT FROM changed WHERE is_noted)
), event AS (
    SELECT CASE WHEN counts THEN %(confirmed)s ELSE %(correction)s END AS kind, counts::int AS amount,
        %(source)s AS source, %(country)s AS country, %(language)s AS language, %(visibility)s AS visibility
    FROM inserted
    UNION ALL
    SELECT CASE WHEN state = %(counted_state)s THEN %(changed_from)s ELSE %(correction)s END,
        (state = %(counted_state)s)::int, source, country, language, visibility
    FROM existing
    UNION ALL
    SELECT CASE WHEN state = %(counted_state)s THEN %(changed_to)s WHEN NOT is_freed THEN %(correction)s
            WHEN ever_counted THEN %(restored)s ELSE %(confirmed)s END,
        (is_freed OR state = %(counted_state)s)::int, %(source)s, %(country)s, %(language)s, %(visibility)s
    FROM existing
    UNION ALL
    SELECT %(expired)s, count(*)::int, %(source)s, country, language, visibility
    FROM died GROUP BY country, language, visibility
    UNION ALL
    SELECT %(correction)s, 0, %(source)s, %(country)s, %(language)s, %(visibility)s
    WHERE NOT EXISTS (SELECT FROM died)
), day AS (
    INSERT INTO signatures_tally (petition_id, kind, reason, source, country, language, visibility, amount)
    SELECT petition_id, kind, '', source, country, language, visibility, amount FROM event, spent
), hour AS (
    INSERT INTO signatures_hourtally (petition_id, kind, amount) SELECT petition_id, kind, amount FROM event, spent
)
SELECT (SELECT count(*) FROM spent), (SELECT count(*) FROM inserted) + (SELECT count(*) FROM changed)
""",  # noqa: S608 - a constant of ours
    {
        **dict.fromkeys(("attempt_id", "petition_id", "text_version_id"), "bigint"),
        **dict.fromkeys(("email_key", "domain_key", "press_hash"), "bytea"),
        **dict.fromkeys(("email_keys", "domain_keys", "name_keys"), "bytea[]"),
        "marks": "text[]",
        **dict.fromkeys(("source", "visibility", "country", "language"), "text"),
        **dict.fromkeys(("name", "name_review", "city", "reason"), "text"),
        **dict.fromkeys(("shown", "hidden", "waiting", "public"), "text"),
        **dict.fromkeys(("confirmed", "restored", "changed_from", "changed_to", "expired", "correction"), "text"),
        **dict.fromkeys(("counted_state", "held", "removed", "trap", "suspicious", "nothing"), "text"),
    },
)


@dataclass(frozen=True)
class Confirmation:
    """The values for confirming an attempt; whether it counts also depends on the address's other pending attempts.

    :param email_keys: the address's keys under every secret, as stored with the attempt
    :param email_key: the key that is stored from now on
    :param domain_key: the domain mark, or None for large providers
    :param domain_keys: the domain marks under every secret, and ``name_keys`` those of the name, by which new
        signatures are held
    :param name_review: whether the name waits to be looked at before everyone sees it
    """

    attempt_id: int
    petition_id: int
    email_keys: list[bytes]
    email_key: bytes
    domain_key: bytes | None
    domain_keys: list[bytes]
    name_keys: list[bytes]
    name_review: str
    visibility: str
    name: str | None
    city: str | None
    country: str
    language: str
    text_version_id: int
    reason: str | None
    press_hash: bytes | None


class RacedError(Exception):
    """Another confirmation of the same address interfered; roll back and retry."""


def store_confirmation(confirmation: Confirmation) -> bool:
    """Insert or change the signature, write the tally, and consume all pending attempts of the address.

    The attempt is wiped, the others are deleted, with their mails. A new signature counts unless all of them looked
    suspicious, what is like it is held for now, or a mark is left of one that an organiser had held or removed; an
    existing one keeps its state, unless only the trap had held it and this one is clean.

    :returns: whether the attempt still existed; if not, nothing was written
    :raises RacedError: if the address got its signature while this statement ran
    """
    values = {
        **vars(confirmation),
        "nothing": NOTHING,
        "marks": address_marks(confirmation.petition_id, confirmation.email_keys),
        "counted_state": SignatureState.CONFIRMED.value,
        "held": SignatureState.HELD.value,
        "removed": SignatureState.REMOVED.value,
        "trap": StateReason.HONEYPOT.value,
        "suspicious": StateReason.SUSPICIOUS.value,
        "shown": NameReview.OK.value,
        "hidden": NameReview.HIDDEN.value,
        "waiting": NameReview.WAITING.value,
        "public": Visibility.PUBLIC.value,
        "source": Source.WEB.value,
        "confirmed": TallyKind.CONFIRMED.value,
        "restored": TallyKind.RESTORED.value,
        "expired": TallyKind.EXPIRED.value,
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
