"""What waits to be read before everyone sees it: names and reasons of signers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db import connection, models
from django.db.models import F, Q

from signatures.models.choices import NameReview, SignatureState, Visibility

if TYPE_CHECKING:
    from signatures.models.signature import Signature

    Signatures = models.QuerySet[Signature]
else:
    Signatures = models.QuerySet

# Nobody reads more in a day, and counting all rows of a flood would take seconds.
COUNTED_MAX = 1000
# Conditions of indexes: of those that are held for now, however many, no page reads a row. They are ordered by a number
# that no other index is, since PostgreSQL takes rows that wait for evenly spread, and would walk all the others first.
NAME_WAITS = Q(state=SignatureState.CONFIRMED, visibility=Visibility.PUBLIC, name_review=NameReview.WAITING)
REASON_WAITS = Q(state=SignatureState.CONFIRMED, has_reason=True, reason_approved=False)
# By petition, how many names and how many reasons wait, each at most COUNTED_MAX, in one statement.
COUNTS = f"""
SELECT petition.id, names.amount, reasons.amount
FROM unnest(%s::bigint[]) AS petition (id)
CROSS JOIN LATERAL (
    SELECT count(*) AS amount FROM (
        SELECT FROM signatures_signature
        WHERE petition_id = petition.id AND state = 'CONFIRMED' AND visibility = 'PUBLIC' AND name_review = 'WAITING'
        ORDER BY id + 0 LIMIT {COUNTED_MAX}
    ) AS waiting
) AS names
CROSS JOIN LATERAL (
    SELECT count(*) AS amount FROM (
        SELECT FROM signatures_signature
        WHERE petition_id = petition.id AND state = 'CONFIRMED' AND has_reason AND NOT reason_approved
        ORDER BY id + 0 LIMIT {COUNTED_MAX}
    ) AS waiting
) AS reasons
"""  # noqa: S608 - a constant of ours


class ReviewQuerySet(Signatures):
    """Queries for what organisers have to read."""

    def with_waiting_name(self) -> Self:
        """Keep those that count and whose names everyone may see once an organiser has looked at them."""
        return self.filter(NAME_WAITS)

    def with_waiting_reason(self) -> Self:
        """Keep those that count and whose reasons everyone may see once an organiser has read them."""
        return self.filter(REASON_WAITS)

    def with_reason(self, *, approved: bool) -> Self:
        """Keep those with a reason for signing that is approved, or that awaits review."""
        return self.filter(has_reason=True, reason_approved=approved)

    def oldest_first(self, after: int = 0) -> Self:
        """Return them in the order of the indexes for what waits.

        :param after: only those after this primary key
        """
        return self.alias(age=F("id") + 0).filter(age__gt=after).order_by("age")

    @staticmethod
    def waiting_by_petition(petitions: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Return how many names and how many reasons of each petition wait, each at most COUNTED_MAX.

        :param petitions: their primary keys
        """
        with connection.cursor() as cursor:
            cursor.execute(COUNTS, [list(petitions)])
            return {petition: (names, reasons) for petition, names, reasons in cursor.fetchall()}
