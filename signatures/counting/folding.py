"""Folds tally rows with equal keys into one, deletes those that add up to zero, and maintains the sums."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from signatures.models.tally import DIMENSION_DOWN, DIMENSION_UP

FOLD_LOCK = 7_301_001
RECENT_DAYS = 7
KEYS = "petition_id, day, kind, reason, source, country, language, visibility"
SPLIT_KEYS = "petition_id, source, country, language, visibility"
HOUR_KEYS = "petition_id, hour, kind"
LET_FOLD = "SELECT set_config('signatures.folding', 'on', true), set_config('signatures.summing', 'splits', true)"
# Unfolded rows are rare in the statistics, but many after an outage: with nested loops, folding them would take hours.
HASH_THEM = "SET LOCAL enable_nestloop TO off; SET LOCAL enable_mergejoin TO off"

# One statement each: a row committed while it runs is neither deleted nor summed, whatever its id. Afterwards every
# unsummed row is merged with those of equal keys, and is in the sum of its kind and in the split of its dimensions:
# readers see either state, never a mix.
FOLD_DAYS = f"""
WITH fresh AS (
    SELECT DISTINCT {KEYS} FROM signatures_tally
    WHERE NOT is_summed AND (%(all)s OR day >= (now() AT TIME ZONE 'UTC')::date - %(days)s)
), gone AS (
    DELETE FROM signatures_tally AS tally USING fresh
    WHERE (tally.petition_id, tally.day, tally.kind, tally.reason, tally.source, tally.country, tally.language,
           tally.visibility)
        = (fresh.petition_id, fresh.day, fresh.kind, fresh.reason, fresh.source, fresh.country, fresh.language,
           fresh.visibility)
    RETURNING tally.*
), folded AS (
    INSERT INTO signatures_tally ({KEYS}, amount, is_summed)
    SELECT {KEYS}, sum(amount), true FROM gone GROUP BY {KEYS} HAVING sum(amount) <> 0
    RETURNING 1
), summed AS (
    INSERT INTO signatures_tallysum AS old (petition_id, kind, amount)
    SELECT petition_id, kind, sum(amount) FROM gone WHERE NOT is_summed GROUP BY petition_id, kind
    ON CONFLICT (petition_id, kind) DO UPDATE SET amount = old.amount + excluded.amount
), split AS (
    INSERT INTO signatures_tallysplit AS old ({SPLIT_KEYS}, amount)
    SELECT {SPLIT_KEYS}, sum(CASE WHEN kind = ANY (%(up)s) THEN amount ELSE -amount END)
    FROM gone WHERE NOT is_summed AND (kind = ANY (%(up)s) OR kind = ANY (%(down)s)) GROUP BY {SPLIT_KEYS}
    ON CONFLICT ({SPLIT_KEYS}) DO UPDATE SET amount = old.amount + excluded.amount
)
SELECT count(*) FROM folded
"""  # noqa: S608 - the keys are the constants above
# What the statement above has brought down to nothing; nobody sees the two apart.
DROP_EMPTY_SPLITS = "DELETE FROM signatures_tallysplit WHERE amount = 0"
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
    """Merge rows with equal keys and return how many merged rows were written, or None if another fold is running.

    :param all_days: also fold days older than a week
    """
    values: dict[str, Any] = {"all": all_days, "days": RECENT_DAYS, "up": DIMENSION_UP, "down": DIMENSION_DOWN}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [FOLD_LOCK])
        if not cursor.fetchone()[0]:
            return None
        # The triggers allow deleting rows and writing sums only under these settings.
        cursor.execute(LET_FOLD)
        cursor.execute(HASH_THEM)
        cursor.execute(FOLD_DAYS, values)
        folded: int = cursor.fetchone()[0]
        cursor.execute(DROP_EMPTY_SPLITS)
        cursor.execute(FOLD_HOURS, values)
        folded += cursor.rowcount
        return folded
