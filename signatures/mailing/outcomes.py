"""Counts what becomes of mails, for the operator."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection

from signatures.models import MailOutcome
from signatures.models.operating import MailResult

# In one order, so that workers never wait for each other in a circle.
COUNT = """
INSERT INTO signatures_mailoutcome AS old (result, amount)
SELECT result, amount FROM unnest(%s::text[], %s::bigint[]) AS new (result, amount) ORDER BY result
ON CONFLICT (result) DO UPDATE SET amount = old.amount + excluded.amount, at = now()
"""


def count_results(amounts: Mapping[MailResult, int]) -> None:
    """Add to the amounts of outcomes; nothing is written if there were none."""
    some = {result.value: amount for result, amount in amounts.items() if amount}
    if some:
        with connection.cursor() as cursor:
            cursor.execute(COUNT, [list(some), list(some.values())])


def results() -> dict[MailResult, int]:
    """Return how many mails had each outcome, since the database was made.

    :raises django.db.Error: if the database cannot be reached
    """
    found = dict(MailOutcome.objects.values_list("result", "amount"))
    return {result: found.get(result, 0) for result in MailResult}
