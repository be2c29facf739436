"""Rewrite: since when the files beneath a table hold nothing that was erased."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.db import connection, models

# Their rows are never changed nor deleted (triggers) and hold nothing of a signer: nothing is ever erased there.
KEPT = (
    "signatures_auditentry",
    "signatures_packing",
    "signatures_textversion",
    "signatures_textversionbody",
    "signatures_textversionrecipient",
)
OWN = "signatures_rewrite"
# PostgreSQL's own table of samples: words of names are among them.
SAMPLES = "pg_catalog.pg_statistic"
# A row per table, with a mark that differs as soon as any row was written there: also where it was rolled back, since
# what was inserted in vain lies in the file, too. It differs as well where PostgreSQL has lost count, as after a crash.
# Where nothing is counted, it is never the same twice.
MARKS = """
SELECT format('%%I.%%I', schemaname, relname) AS name,
    concat_ws(' ', relid, n_tup_ins, n_tup_upd, n_tup_del,
        (SELECT extract(epoch FROM stats_reset) FROM pg_stat_bgwriter),
        (SELECT extract(epoch FROM stats_reset) FROM pg_stat_database WHERE datname = current_database()),
        CASE WHEN NOT current_setting('track_counts')::boolean THEN clock_timestamp() END) AS mark
FROM pg_stat_all_tables
WHERE schemaname = current_schema() AND relname <> ALL (%(kept)s)
    OR format('%%I.%%I', schemaname, relname) = %(samples)s
"""
# A clock that went back leaves times that are to come: they say nothing of what was erased until then.
IS_AHEAD = "clean_at > now() + interval '1 minute'"
# What was purged goes at once; the rest in the quietest hour, and where that was missed a day after it was clean. The
# samples come last, since all others are sampled anew when they are rewritten.
DUE = f"""
SELECT name FROM signatures_rewrite JOIN ({MARKS}) AS tables USING (name), (
    SELECT coalesce(max(purged_at), '-infinity') AS purged_at FROM signatures_petition) AS newest
WHERE purged_at >= clean_at OR {IS_AHEAD}
    OR seen <> mark AND (clean_at <= now() - interval '1 day'
        OR extract(hour FROM now() AT TIME ZONE 'UTC') = %(hour)s AND clean_at < date_trunc('hour', now()))
ORDER BY name = %(samples)s, pg_table_size(name::regclass)
"""  # noqa: S608 - constants of ours
# A day, and an hour in which something may have been in the way.
OVERDUE = f"""
SELECT name FROM signatures_rewrite JOIN ({MARKS}) AS tables USING (name)
WHERE seen <> mark AND (clean_at <= now() - interval '25 hours' OR {IS_AHEAD})
ORDER BY name
"""  # noqa: S608
# Those that are new are looked at from now on, and may hold whatever was erased before.
ADD = f"INSERT INTO signatures_rewrite (name, seen) SELECT name, '' FROM ({MARKS}) AS tables ON CONFLICT DO NOTHING"  # noqa: S608
STILL_CLEAN = f"""
UPDATE signatures_rewrite SET clean_at = now() FROM ({MARKS}) AS tables
WHERE signatures_rewrite.name = tables.name AND seen = mark AND clean_at < now() - interval '1 hour'
    AND NOT EXISTS (SELECT FROM signatures_petition WHERE purged_at >= clean_at)
"""  # noqa: S608
VALUES: dict[str, Any] = {"kept": [*KEPT, OWN], "samples": SAMPLES}


class RewriteManager(models.Manager["Rewrite"]):
    """Reads of what is to be rewritten."""

    def due(self, *, quietest_hour: int) -> list[str]:
        """Return the tables whose turn to be rewritten has come, with their schemas, the smallest first.

        :param quietest_hour: of the day, in UTC
        """
        return _names(DUE, hour=quietest_hour)

    def overdue(self) -> list[str]:
        """Return the tables in which something was written, and which for more than a day nobody has rewritten."""
        return _names(OVERDUE)

    def look(self) -> None:
        """Note the tables that are new, and of the others the ones in which nothing was written."""
        with connection.cursor() as cursor:
            cursor.execute(ADD, VALUES)
            cursor.execute(STILL_CLEAN, VALUES)


class Rewrite(models.Model):
    """One table of the database."""

    # With its schema, as SQL writes it.
    name = models.TextField(unique=True)
    # Nothing that was erased before this instant is in its files.
    clean_at = models.DateTimeField(db_default=TransactionNow())
    # What had been written in it by then.
    seen = models.TextField()

    objects = RewriteManager()

    def __str__(self) -> str:
        """Return the table's name."""
        return self.name


def _names(statement: str, **values: Any) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**VALUES, **values})
        return [name for (name,) in cursor.fetchall()]
