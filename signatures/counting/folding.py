"""Folds tally rows of the same day and kind into one, and drops what comes to nothing."""

from __future__ import annotations

from django.db import connection, transaction

FOLD_LOCK = 7_301_001
RECENT_DAYS = 7
KEYS = "petition_id, day, kind, reason, source, country, language, visibility"
HOUR_KEYS = "petition_id, hour, kind"

# One statement each: a row committed while it runs is neither deleted nor summed, whatever its id.
FOLD_DAYS = f"""
WITH crowded AS (
    SELECT {KEYS} FROM signatures_tally
    WHERE %(all)s OR day >= (now() AT TIME ZONE 'UTC')::date - %(days)s
    GROUP BY {KEYS} HAVING count(*) > 1 OR sum(amount) = 0
), gone AS (
    DELETE FROM signatures_tally AS tally USING crowded
    WHERE (tally.petition_id, tally.day, tally.kind, tally.reason, tally.source, tally.country, tally.language,
           tally.visibility)
        = (crowded.petition_id, crowded.day, crowded.kind, crowded.reason, crowded.source, crowded.country,
           crowded.language, crowded.visibility)
    RETURNING tally.*
)
INSERT INTO signatures_tally ({KEYS}, amount)
SELECT {KEYS}, sum(amount) FROM gone GROUP BY {KEYS} HAVING sum(amount) <> 0
"""  # noqa: S608 - the keys are the constants above
FOLD_HOURS = f"""
WITH crowded AS (
    SELECT {HOUR_KEYS} FROM signatures_hourtally
    WHERE %(all)s OR hour >= now() - make_interval(days => %(days)s)
    GROUP BY {HOUR_KEYS} HAVING count(*) > 1 OR sum(amount) = 0
), gone AS (
    DELETE FROM signatures_hourtally AS tally USING crowded
    WHERE (tally.petition_id, tally.hour, tally.kind) = (crowded.petition_id, crowded.hour, crowded.kind)
    RETURNING tally.*
)
INSERT INTO signatures_hourtally ({HOUR_KEYS}, amount)
SELECT {HOUR_KEYS}, sum(amount) FROM gone GROUP BY {HOUR_KEYS} HAVING sum(amount) <> 0
"""  # noqa: S608


def fold_tallies(*, all_days: bool = False) -> int | None:
    """Sum rows of equal keys into one each and return how many rows that left, or None where another fold runs.

    :param all_days: also look at days that are over for more than a week
    """
    values = {"all": all_days, "days": RECENT_DAYS}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [FOLD_LOCK])
        if not cursor.fetchone()[0]:
            return None
        # The trigger lets rows be deleted under this setting alone.
        cursor.execute("SELECT set_config('signatures.folding', 'on', true)")
        cursor.execute(FOLD_DAYS, values)
        folded: int = cursor.rowcount
        cursor.execute(FOLD_HOURS, values)
        folded += cursor.rowcount
        return folded
