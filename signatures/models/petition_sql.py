"""What petitions are at this moment, as expressions of SQL that several models share."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.expressions import RawSQL

from signatures.models.choices import COUNT_DOWN, COUNT_UP

# The stored sums plus the rows not yet summed, as a subquery of the statement that lists the petitions.
EXACT_COUNT = """
SELECT COALESCE(sum(CASE WHEN kind = ANY (%s) THEN amount ELSE -amount END), 0)::bigint
FROM (
    SELECT kind, amount FROM signatures_tallysum WHERE petition_id = signatures_petition.id
    UNION ALL
    SELECT kind, amount FROM signatures_tally WHERE petition_id = signatures_petition.id AND NOT is_summed
) AS parts
WHERE kind = ANY (%s)
"""

# The Phase of a petition by the database's clock.
PHASE = """
CASE WHEN signatures_petition.status = 'DRAFT' THEN 'DRAFT'
    WHEN signatures_petition.status = 'CLOSED' OR signatures_petition.closes_at <= now() THEN 'CLOSED'
    WHEN signatures_petition.opens_at > now() THEN 'UPCOMING' ELSE 'OPEN' END
"""
PHASE_NOW = RawSQL(PHASE, [], output_field=models.CharField())  # noqa: S611 - constant
# The languages of the newest text, as a subquery; NULL before the first text.
TEXT_LANGUAGES_SQL = """
(SELECT languages FROM signatures_textversion WHERE petition_id = signatures_petition.id ORDER BY number DESC LIMIT 1)
"""
TEXT_LANGUAGES = RawSQL(  # noqa: S611 - constant
    TEXT_LANGUAGES_SQL, [], output_field=ArrayField(models.CharField(max_length=2))
)


def exact_count() -> RawSQL:
    """Return the number of signatures of a petition that count now."""
    return RawSQL(EXACT_COUNT, [COUNT_UP, COUNT_UP + COUNT_DOWN])  # noqa: S611 - constant
