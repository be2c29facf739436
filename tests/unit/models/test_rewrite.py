"""Which tables are due for rewriting, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.postgres.functions import TransactionNow
from django.db import connection

from signatures.models import HourTally, LeadPetitioner, Petition, Rewrite
from signatures.models.rewrite import KEPT, MARKS, OWN, SAMPLES, VALUES
from tests.support import factories
from tests.support.database import query, tables

pytestmark = pytest.mark.django_db(transaction=True)
LEAD = "public.signatures_leadpetitioner"
NAMES = "public.signatures_signature"
# Not personal, nor derived from a person: digests, signatures and public keys of published data.
SAMPLED = {
    ("signatures_delivery", "public_key"),
    ("signatures_delivery", "signature"),
    ("signatures_packing", "public_key"),
    ("signatures_packing", "signature"),
    ("signatures_secretmark", "mark"),
    ("signatures_textversion", "digest"),
}


def hour_now() -> int:
    """Return the current UTC hour by the database's clock."""
    return int(query("SELECT extract(hour FROM now() AT TIME ZONE 'UTC')")[0][0])


def later(hours: int) -> None:
    """Move the time at which the tables were clean back by some hours."""
    query(f"UPDATE signatures_rewrite SET clean_at = clean_at - interval '{hours} hours'")  # noqa: S608


def written() -> None:
    """Flush PostgreSQL's statistics of this connection's writes, which it would delay by a second."""
    query("SELECT pg_stat_force_next_flush()")


def be_clean() -> None:
    """Mark all tables as clean."""
    written()
    Rewrite.objects.look()
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE signatures_rewrite SET seen = mark FROM ({MARKS}) AS tables"  # noqa: S608
            " WHERE tables.name = signatures_rewrite.name",
            VALUES,
        )


def due(*, quiet: bool = False) -> set[str]:
    """Return the tables that are due, in the quietest hour or in another."""
    hour = hour_now()
    return set(Rewrite.objects.due(quietest_hour=hour if quiet else (hour + 12) % 24))


def test_a_table_is_due_in_the_quietest_hour_or_after_a_day_and_only_if_something_was_written(
    petition: Petition,
) -> None:
    be_clean()
    later(2)
    assert due(quiet=True) == set()
    factories.make_signature(petition)
    written()
    assert NAMES in due(quiet=True)
    assert LEAD not in due(quiet=True)
    assert due() == set()
    later(21)
    assert due() == set()
    later(2)
    assert NAMES in due()
    assert LEAD not in due()


def test_it_is_due_once_in_the_quietest_hour(petition: Petition) -> None:
    be_clean()
    factories.make_signature(petition)
    written()
    assert due(quiet=True) == set()


def test_rolled_back_writes_count_too(petition: Petition) -> None:
    be_clean()
    later(24)
    query("BEGIN")
    LeadPetitioner.objects.create(petition=petition, name="Never")
    query("ROLLBACK")
    written()
    assert due() == {LEAD, "public.signatures_erasure"}


def test_everything_is_due_at_once_after_a_purge(petition: Petition) -> None:
    be_clean()
    Petition.objects.filter(pk=petition.pk).update(status="CLOSED", purged_at=TransactionNow())
    assert {NAMES, LEAD, "public.signatures_attempt", "public.signatures_outgoingmail", SAMPLES} <= due()
    # Checking does not make it clean.
    later(2)
    Rewrite.objects.look()
    assert LEAD in due()


def test_a_table_in_which_nothing_was_written_is_clean_as_of_now(petition: Petition) -> None:
    be_clean()
    later(30)
    factories.make_signature(petition)
    written()
    Rewrite.objects.look()
    assert query("SELECT clean_at > now() - interval '1 minute' FROM signatures_rewrite WHERE name = %s", [LEAD]) == [
        (True,)
    ]
    assert NAMES in Rewrite.objects.overdue()
    assert LEAD not in Rewrite.objects.overdue()


def test_a_table_is_due_if_postgresql_lost_its_statistics(petition: Petition) -> None:
    be_clean()
    later(24)
    # As a crash does to the statistics.
    query("UPDATE signatures_rewrite SET seen = seen || ' 0' WHERE name = %s", [LEAD])
    assert due() == {LEAD}


def test_every_table_is_tracked_except_those_with_immutable_rows(db: None) -> None:
    Rewrite.objects.look()
    looked_after = set(Rewrite.objects.values_list("name", flat=True))
    assert looked_after == {f"public.{name}" for name in tables() if name not in {*KEPT, OWN}} | {SAMPLES}
    for name in KEPT:
        guards = query(
            "SELECT count(*) FROM pg_trigger"
            " WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgtype::int & 27 = 27",
            [name],
        )
        assert guards == [(1,)], name


def test_no_planner_statistics_are_kept_of_personal_data(petition: Petition) -> None:
    factories.make_signature(petition, name="Zyzzyva")
    sampled = query(
        "SELECT attrelid::regclass::text, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') AND attnum > 0 AND NOT attisdropped"
        " AND coalesce(attstattarget, -1) <> 0 AND (relkind = 'r' AND ("
        " atttypid IN ('bytea'::regtype, 'bytea[]'::regtype)"
        " OR relname = 'signatures_signature' AND attname IN ('name', 'city', 'reason')"
        " OR relname = 'signatures_leadpetitioner' AND attname <> 'petition_id'"
        " OR relname = 'signatures_ratelimit' AND attname = 'key'"
        " OR relname = 'django_session' AND attname <> 'expire_date'"
        " OR relname = 'signatures_session' AND attname <> 'id')"
        " OR atttypid IN ('tsvector'::regtype))"
    )
    assert set(sampled) <= SAMPLED
    query("ANALYZE")
    assert "zyzzyva" not in str(query("SELECT * FROM pg_stats WHERE schemaname = 'public'")).lower()


def test_the_quietest_hour_had_the_fewest_events_in_a_week(petition: Petition) -> None:
    assert HourTally.objects.quietest_hour() == 1
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    HourTally.objects.bulk_create(
        HourTally(petition=petition, hour=midnight + timedelta(hours=hour), kind="SUBMITTED", amount=1 + abs(hour - 5))
        for hour in range(24)
    )
    assert HourTally.objects.quietest_hour() == 5
    # Older events don't count.
    HourTally.objects.create(petition=petition, hour=midnight - timedelta(days=7, hours=19), kind="SUBMITTED", amount=9)
    assert HourTally.objects.quietest_hour() == 5
