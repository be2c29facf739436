"""Pages read exact sums instead of every day; whatever comes between, the count is what the rows come to."""

from __future__ import annotations

import threading
from typing import Any

import hypothesis
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, strategies

from signatures.counting.folding import LET_FOLD, fold_tallies
from signatures.counting.published import live_count
from signatures.counting.reconciling import check_sums, compare_splits
from signatures.counting.watching import watch
from signatures.counting.writing import Dimensions, Event, write_tally
from signatures.models import AuditEntry, Petition, Tally, TallySplit, TallySum
from signatures.models.choices import AuditAction, TallyKind
from signatures.moderating.purging import purge_petition
from tests.support import factories
from tests.support.database import at_once, query, refuses
from tests.support.page_reading import shown_count

DIMENSIONS = Dimensions("WEB", "PL", "en", "PUBLIC")
DAYS = 730
# Two years, twenty countries, two languages.
LONG_CAMPAIGN = """
INSERT INTO signatures_tally (petition_id, day, kind, reason, source, country, language, visibility, amount)
SELECT %s, (now() AT TIME ZONE 'UTC')::date - day, kind, '', 'WEB', country, language, 'PUBLIC', 3
FROM generate_series(1, %s) AS day, unnest(ARRAY['CONFIRMED', 'WITHDRAWN']) AS kind,
    unnest(ARRAY['BY', 'PL', 'LT', 'DE', 'UA', 'US', 'RU', 'FR', 'IT', 'ES', 'CZ', 'SK', 'LV', 'EE', 'FI', 'SE', 'NO',
                 'DK', 'NL', 'BE']) AS country,
    unnest(ARRAY['en', 'ru']) AS language
WHERE kind = 'CONFIRMED' OR day %% 3 = 0
"""


def tally_rows_read(node: dict[str, Any]) -> int:
    """Return how many rows of the tally and of its sums a plan has read, those included that it threw away."""
    here = 0
    if str(node.get("Relation Name", "")).startswith("signatures_tally"):
        here = node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
    return int(here) + sum(map(tally_rows_read, node.get("Plans", [])))


def add_one(petition: Petition, kind: TallyKind = TallyKind.CONFIRMED) -> None:
    """Let one person sign."""
    with transaction.atomic():
        write_tally(petition.pk, [Event(kind, DIMENSIONS)])


def assert_splits_are_what_rows_come_to(petition: Petition) -> None:
    """Assert that splits and unsummed rows are together what all rows come to, for each dimension."""
    watched = watch([petition.pk])[petition.pk]
    for dimension in ("source", "country", "language", "visibility"):
        rows = petition.tallies.all().count_by(dimension)
        assert watched.split(dimension) == {code: amount for (code,), amount in rows.items()}
    assert watched.count == petition.tallies.all().count_signatures()


def test_the_count_of_a_long_campaign_is_exact_and_reads_a_handful_of_rows(ordinary: Petition) -> None:
    query(LONG_CAMPAIGN, [ordinary.pk, DAYS])
    exact = ordinary.tallies.all().count_signatures()
    assert exact == 3 * 40 * (DAYS - DAYS // 3)
    # Before the worker comes by, every row is read.
    assert live_count(ordinary) == exact
    fold_tallies(all_days=True)
    query("ANALYZE signatures_tally")
    add_one(ordinary)
    with CaptureQueriesContext(connection) as asked:
        assert live_count(ordinary) == exact + 1
    (plan,) = query(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked.captured_queries[0]['sql']}")[0][0]
    assert tally_rows_read(plan["Plan"]) <= 20
    with CaptureQueriesContext(connection) as asked:
        watch([ordinary.pk])
    (plan,) = query(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked.captured_queries[0]['sql']}")[0][0]
    assert tally_rows_read(plan["Plan"]) <= 2 * 40 + 20
    assert_splits_are_what_rows_come_to(ordinary)
    assert shown_count(ordinary) == f"{exact + 1:,}"
    with_count = Petition.objects.all().with_count().get(pk=ordinary.pk)
    assert with_count.exact_count == exact + 1


@pytest.mark.parametrize("petitions", [0, 1, 200])
def test_days_of_an_outage_are_folded_at_once_although_the_statistics_know_of_folded_rows_alone(
    ordinary: Petition, petitions: int
) -> None:
    for petition in [factories.make_petition() for _ in range(petitions)]:
        add_one(petition)
    fold_tallies(all_days=True)
    query("ANALYZE signatures_tally")
    query(LONG_CAMPAIGN, [ordinary.pk, DAYS])
    # A third of a second; hours as loops within loops.
    query("SET LOCAL statement_timeout TO '20s'")
    assert fold_tallies(all_days=True)
    assert live_count(ordinary) == 3 * 40 * (DAYS - DAYS // 3)


@pytest.mark.django_db(transaction=True)
def test_whoever_signs_while_it_is_folded_is_counted_once_at_every_moment(ordinary: Petition) -> None:
    is_over = threading.Event()

    def sign_and_withdraw() -> int:
        for number in range(60):
            add_one(ordinary)
            if number % 3 == 0:
                add_one(ordinary, TallyKind.WITHDRAWN)
        return 0

    def fold() -> int:
        return sum(fold_tallies() or 0 for _ in range(80))

    def look() -> int:
        looks = 0
        while not is_over.is_set():
            # On one snapshot both ways of counting agree, whatever is going on.
            with transaction.atomic():
                query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                assert live_count(ordinary) == ordinary.tallies.all().count_signatures()
                assert_splits_are_what_rows_come_to(ordinary)
            looks += 1
        return looks

    def work() -> int:
        try:
            return sum(at_once(sign_and_withdraw, sign_and_withdraw, fold, fold))
        finally:
            is_over.set()

    folded, looks = at_once(work, look)
    assert folded > 0
    assert looks > 10
    fold_tallies()
    assert live_count(ordinary) == 2 * (60 - 20)
    assert check_sums(petition=ordinary, repair=False) == {}
    assert not Tally.objects.filter(is_summed=False).exists()


def test_a_day_that_was_over_before_it_was_committed_is_counted(ordinary: Petition) -> None:
    add_one(ordinary)
    fold_tallies()
    # A transaction that began before midnight.
    query(
        "INSERT INTO signatures_tally (petition_id, day, kind, reason, source, country, language, visibility, amount)"
        " SELECT petition_id, day - 1, kind, reason, source, country, language, visibility, 1 FROM signatures_tally"
    )
    assert live_count(ordinary) == 2
    fold_tallies()
    assert live_count(ordinary) == 2


@pytest.mark.django_db(transaction=True)
def test_nobody_but_the_fold_writes_sums_or_takes_away_what_is_summed(ordinary: Petition) -> None:
    add_one(ordinary)
    fold_tallies()
    words = "kept by the fold"
    refuses("UPDATE signatures_tallysum SET amount = amount + 1", by=words)
    refuses("DELETE FROM signatures_tallysum", by=words)
    refuses(
        "INSERT INTO signatures_tallysum (petition_id, kind, amount) VALUES (%s, 'RESTORED', 5)", ordinary.pk, by=words
    )
    refuses("TRUNCATE signatures_tallysum", by="cannot be emptied")
    refuses("UPDATE signatures_tallysplit SET amount = amount + 1", by=words)
    refuses("DELETE FROM signatures_tallysplit", by=words)
    refuses(
        "INSERT INTO signatures_tallysplit (petition_id, source, country, language, visibility, amount)"
        " VALUES (%s, 'WEB', 'BY', 'ru', 'PUBLIC', 5)",
        ordinary.pk,
        by=words,
    )
    refuses("TRUNCATE signatures_tallysplit", by="cannot be emptied")
    refuses(
        "INSERT INTO signatures_tally (petition_id, kind, reason, source, country, language, visibility, amount,"
        " is_summed) VALUES (%s, 'CONFIRMED', '', 'WEB', 'PL', 'en', 'PUBLIC', 1, true)",
        ordinary.pk,
        by=words,
    )
    # A fold of a version before this one knows of no sums, or of no splits.
    for known in ("", ", set_config('signatures.summing', 'on', true)"):
        with transaction.atomic():
            query(f"SELECT set_config('signatures.folding', 'on', true){known}")
            refuses("DELETE FROM signatures_tally", by=words)
    assert live_count(ordinary) == 1


@pytest.mark.django_db(transaction=True)
def test_a_sum_that_is_not_what_its_rows_come_to_is_found_named_and_made_anew(
    ordinary: Petition, capsys: pytest.CaptureFixture[str]
) -> None:
    factories.make_signature(ordinary)
    fold_tallies()
    with transaction.atomic():
        # As a backup might come back that was put together by hand.
        query(LET_FOLD)
        TallySum.objects.update(amount=7)
    assert live_count(ordinary) == 7
    with pytest.raises(CommandError, match="differs"):
        call_command("check_tally", ordinary.slug)
    assert f"{ordinary.slug}: CONFIRMED: sum 7, rows 1" in capsys.readouterr().out
    call_command("check_tally", ordinary.slug, "--repair")
    assert live_count(ordinary) == 1
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.amount) == (AuditAction.TALLY_REPAIRED, 1)
    call_command("check_tally", ordinary.slug)
    assert "differences found: 0" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_a_split_that_is_not_what_its_rows_come_to_is_found_named_and_made_anew(
    ordinary: Petition, capsys: pytest.CaptureFixture[str]
) -> None:
    add_one(ordinary)
    fold_tallies()
    with transaction.atomic():
        query(LET_FOLD)
        TallySplit.objects.update(country="LT", amount=7)
    with pytest.raises(CommandError, match="differs"):
        call_command("check_tally", ordinary.slug)
    out = capsys.readouterr().out
    assert f"{ordinary.slug}: WEB LT en PUBLIC: sum 7, rows 0" in out
    assert f"{ordinary.slug}: WEB PL en PUBLIC: sum 0, rows 1" in out
    assert check_sums(petition=ordinary, repair=True)
    assert list(TallySplit.objects.values_list("country", "amount")) == [("PL", 1)]
    assert check_sums(petition=ordinary, repair=False) == {}


def test_what_comes_to_nothing_is_no_split(ordinary: Petition) -> None:
    add_one(ordinary)
    fold_tallies()
    add_one(ordinary, TallyKind.WITHDRAWN)
    assert_splits_are_what_rows_come_to(ordinary)
    fold_tallies()
    assert not TallySplit.objects.exists()
    add_one(ordinary, TallyKind.SUBMITTED)
    fold_tallies()
    assert not TallySplit.objects.exists()
    assert_splits_are_what_rows_come_to(ordinary)


EVENTS = strategies.tuples(
    strategies.sampled_from([kind for kind in TallyKind if kind != TallyKind.CORRECTION]),
    strategies.sampled_from(["WEB", "PAPER"]),
    strategies.sampled_from(["PL", "BY"]),
    strategies.sampled_from(["en", "ru"]),
    strategies.sampled_from(["PUBLIC", "COUNTED"]),
)


@given(strategies.lists(strategies.one_of(EVENTS, strategies.none()), max_size=30))
@hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
def test_whatever_happens_and_whenever_it_is_folded_splits_are_what_the_rows_come_to(
    ordinary: Petition, history: list[tuple[TallyKind, str, str, str, str] | None]
) -> None:
    with transaction.atomic():
        for event in history:
            if event is None:
                fold_tallies()
            else:
                kind, *dimensions = event
                write_tally(ordinary.pk, [Event(kind, Dimensions(*dimensions))])
        assert_splits_are_what_rows_come_to(ordinary)
        fold_tallies()
        assert_splits_are_what_rows_come_to(ordinary)
        assert compare_splits(ordinary) == {}
        assert not TallySplit.objects.filter(amount=0).exists()
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_the_sums_of_an_erased_petition_are_checked_and_made_anew_too(
    ordinary: Petition, capsys: pytest.CaptureFixture[str]
) -> None:
    factories.make_signature(ordinary)
    fold_tallies()
    Petition.objects.update(status="CLOSED")
    ordinary.refresh_from_db()
    purge_petition(petition=ordinary, reason="over", actor=None)
    with transaction.atomic():
        query(LET_FOLD)
        TallySum.objects.update(amount=7)
    with pytest.raises(CommandError, match="differs"):
        call_command("check_tally")
    out = capsys.readouterr().out
    assert f"{ordinary.slug}: CONFIRMED: sum 7, rows 1" in out
    assert "its signatures were erased" in out
    call_command("check_tally", "--repair")
    assert live_count(ordinary) == 1
    call_command("check_tally")
