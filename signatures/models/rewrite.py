"""Rewrite: as of when the data files of a table contain no erased data."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.db import connection, models

# Rows of these tables are never changed or deleted (triggers) and have no data of signers: nothing is ever erased
# there.
KEPT = (
    "signatures_auditentry",
    "signatures_packing",
    "signatures_textversion",
    "signatures_textversionbody",
    "signatures_textversionrecipient",
)
OWN = "signatures_rewrite"
# The table of planner statistics, whose samples include words of names.
SAMPLES = "pg_catalog.pg_statistic"
# One row per table, with a mark that changes whenever a row was written there, even if that was rolled back, since such
# rows are in the file too. It also changes if PostgreSQL has lost its statistics, as after a crash. If nothing is
# counted, it is never the same twice.
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
# A clock that was set back leaves times in the future, which can't be relied on.
IS_AHEAD = "clean_at > now() + interval '1 minute'"
# After a purge tables are due at once; otherwise in the quietest hour, or if that was missed a day after they were
# clean. The statistics come last, since rewriting the other tables samples them again.
DUE = f"""
SELECT name FROM signatures_rewrite JOIN ({MARKS}) AS tables USING (name), (
    SELECT coalesce(max(purged_at), '-infinity') AS purged_at FROM signatures_petition) AS newest
WHERE purged_at >= clean_at OR {IS_AHEAD}
    OR seen <> mark AND (clean_at <= now() - interval '1 day'
        OR extract(hour FROM now() AT TIME ZONE 'UTC') = %(hour)s AND clean_at < date_trunc('hour', now()))
ORDER BY name = %(samples)s, pg_table_size(name::regclass)
"""  # noqa: S608 - constants of ours
# A day, plus an hour during which the rewrite may have been blocked.
OVERDUE = f"""
SELECT name FROM signatures_rewrite JOIN ({MARKS}) AS tables USING (name)
WHERE seen <> mark AND (clean_at <= now() - interval '25 hours' OR {IS_AHEAD})
ORDER BY name
"""  # noqa: S608
# New tables are tracked from now on, and may contain anything that was erased before.
ADD = f"INSERT INTO signatures_rewrite (name, seen) SELECT name, '' FROM ({MARKS}) AS tables ON CONFLICT DO NOTHING"  # noqa: S608
STILL_CLEAN = f"""
UPDATE signatures_rewrite SET clean_at = now() FROM ({MARKS}) AS tables
WHERE signatures_rewrite.name = tables.name AND seen = mark AND clean_at < now() - interval '1 hour'
    AND NOT EXISTS (SELECT FROM signatures_petition WHERE purged_at >= clean_at)
"""  # noqa: S608
VALUES: dict[str, Any] = {"kept": [*KEPT, OWN], "samples": SAMPLES}


class RewriteManager(models.Manager["Rewrite"]):
    """Queries for tables to be rewritten."""

    def due(self, *, quietest_hour: int) -> list[str]:
        """Return the tables that are due for rewriting, with their schemas, smallest first.

        :param quietest_hour: the quietest hour of the day, in UTC
        """
        return _names(DUE, hour=quietest_hour)

    def overdue(self) -> list[str]:
        """Return the tables that were written to and have been due for more than a day."""
        return _names(OVERDUE)

    def add_new(self) -> None:
        """Add new tables, so that they are missed if nobody rewrites them."""
        with connection.cursor() as cursor:
            cursor.execute(ADD, VALUES)

    def look(self) -> None:
        """Add new tables, and mark the others as clean if nothing was written to them."""
        self.add_new()
        with connection.cursor() as cursor:
            cursor.execute(STILL_CLEAN, VALUES)


class Rewrite(models.Model):
    """One table of the database."""

    # With its schema, quoted as in SQL.
    name = models.TextField(unique=True)
    # Its files contain nothing that was erased before this instant.
    clean_at = models.DateTimeField(db_default=TransactionNow())
    # Its mark at that time (see MARKS).
    seen = models.TextField()

    objects = RewriteManager()

    def __str__(self) -> str:
        """Return the table's name."""
        return self.name


def _names(statement: str, **values: Any) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**VALUES, **values})
        return [name for (name,) in cursor.fetchall()]
