"""How many signatures, names and reasons of each petition wait for an organiser, counted as far as anybody looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

# Nobody works through more in a day, and counting all rows of a flood would take seconds.
WAITING_MAX = 1000
# Each of the counts reads an index in which those of one petition stand together, and ends at the most that is told.
# The planner knows nothing of the petition: it would read the table, or the index of what is not counted anywhere, and
# so a flood in one petition for each other. Their order keeps it from the one, BETWEEN from the other.
WAITING = """
SELECT petition.id,
    (SELECT count(*) FROM (
        SELECT FROM signatures_signature AS held
        WHERE held.petition_id = petition.id AND state BETWEEN 'HELD' AND 'HELD'
        ORDER BY state, id DESC LIMIT %(most)s
    ) AS few),
    (SELECT count(*) FROM (
        SELECT FROM signatures_signature AS named
        WHERE named.petition_id = petition.id AND state = 'CONFIRMED' AND visibility = 'PUBLIC'
            AND name_review = 'WAITING'
        ORDER BY id LIMIT %(most)s
    ) AS few),
    (SELECT count(*) FROM (
        SELECT FROM signatures_signature AS reasoned
        WHERE reasoned.petition_id = petition.id AND state = 'CONFIRMED' AND has_reason AND NOT reason_approved
        ORDER BY id LIMIT %(most)s
    ) AS few)
FROM unnest(%(petitions)s::bigint[]) AS petition (id)
"""


@dataclass(frozen=True)
class Waiting:
    """How much waits in one petition, at most WAITING_MAX of each.

    :param held: signatures that do not count until somebody decides
    :param names: names that everybody may see once somebody has looked at them
    :param reasons: reasons for signing that nobody has read yet
    """

    held: int
    names: int
    reasons: int


def waiting_in(petitions: Sequence[int]) -> dict[int, Waiting]:
    """Return what waits in each of these petitions, in one statement.

    :param petitions: their row numbers
    """
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"petitions": list(petitions), "most": WAITING_MAX})
        return {pk: Waiting(held, names, reasons) for pk, held, names, reasons in cursor.fetchall()}
