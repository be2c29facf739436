"""The tally is folded, compared with the signatures and repaired, and the count stays what it is."""

from __future__ import annotations

import re

import pytest
from django.core.management import CommandError, call_command

from signatures.counting.folding import fold_tallies
from signatures.counting.reconciling import check_tally, compare_tally
from signatures.models import AuditEntry, HourTally, Petition, Signature, Tally
from signatures.models.choices import AuditAction, Visibility
from signatures.signing.my_signature import lower_visibility, withdraw_signature
from tests.support import factories
from tests.support.database import query
from tests.support.mailbox import Mailbox
from tests.support.page_reading import shown_count
from tests.support.tally_reading import counted, sign_and_confirm, subject_of, tally_rows, written_since


def live_a_little(petition: Petition, mailbox: Mailbox) -> None:
    """Let all that a visitor can do to the count happen."""
    for number in range(6):
        factories.make_signature(petition, address=f"{number}@example.org", visibility="PUBLIC")
    sign_and_confirm(petition, mailbox, email="0@example.org", visibility="COUNTED", country="PL")
    sign_and_confirm(petition, mailbox, email="new@example.org")
    lower_visibility(subject=subject_of(petition, "1@example.org"), to=Visibility.COUNTED)
    withdraw_signature(subject=subject_of(petition, "2@example.org"))


def sums() -> list[tuple[object, ...]]:
    """Return what all readers of the tally can see: the sum for each day and each key, and for each hour."""
    return [
        *query(
            "SELECT petition_id, day, kind, reason, source, country, language, visibility, sum(amount)"
            " FROM signatures_tally GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING sum(amount) <> 0"
            " ORDER BY 1, 2, 3, 4, 5, 6, 7, 8"
        ),
        *query(
            "SELECT petition_id, hour, kind, sum(amount) FROM signatures_hourtally"
            " GROUP BY 1, 2, 3 HAVING sum(amount) <> 0 ORDER BY 1, 2, 3"
        ),
    ]


def test_folding_changes_no_sum(petition: Petition, mailbox: Mailbox) -> None:
    other = factories.make_petition()
    live_a_little(petition, mailbox)
    live_a_little(other, mailbox)
    before, count = sums(), Tally.objects.count()
    folded = fold_tallies()
    assert folded
    assert sums() == before
    assert Tally.objects.count() < count
    keys_and_rows = query("SELECT count(*) FROM signatures_tally")[0][0]
    assert keys_and_rows + HourTally.objects.count() == len(before)
    assert compare_tally(petition) == compare_tally(other) == {}
    assert counted(petition) == "6"
    assert fold_tallies() == 0
    assert sums() == before


def add_rows(petition: Petition, kind: str, amount: int, *, days_ago: int = 0, **values: str) -> None:
    """Write a tally row of a day as it was."""
    day = query("SELECT (now() AT TIME ZONE 'UTC')::date - %s", [days_ago])[0][0]
    values = {"country": "BY", "language": "en", "visibility": "PUBLIC", **values}
    Tally.objects.create(petition=petition, kind=kind, amount=amount, day=day, **values)


def test_folding_leaves_days_that_are_long_over_alone_unless_told(petition: Petition) -> None:
    for days_ago in (8, 8, 6, 6):
        add_rows(petition, "CONFIRMED", 2, days_ago=days_ago)
    assert fold_tallies() == 1
    assert Tally.objects.count() == 3
    assert fold_tallies(all_days=True) == 1
    assert list(Tally.objects.values_list("amount", flat=True)) == [4, 4]


def test_the_count_is_what_entered_less_what_left(petition: Petition) -> None:
    amounts = {
        "SUBMITTED": 1000,
        "EXPIRED": 500,
        "CONFIRMED": 100,
        "WITHDRAWN": 20,
        "REMOVED": 7,
        "RESTORED": 3,
        "CORRECTION": -1,
        "CHANGED_FROM": 60,
        "CHANGED_TO": 50,
    }
    for kind, amount in amounts.items():
        add_rows(petition, kind, amount, reason="INVENTED" if kind == "REMOVED" else "")
    add_rows(petition, "CHANGED_TO", 10, visibility="COUNTED")
    assert petition.tallies.all().count_signatures() == 100 - 20 - 7 + 3 - 1
    by_visibility = petition.tallies.all().count_by("visibility")
    assert by_visibility == {("PUBLIC",): 65, ("COUNTED",): 10}


def test_corrections_that_cancel_each_other_are_folded_away(petition: Petition) -> None:
    for country, amounts in (("BY", (5, -5)), ("PL", (3, -2)), ("LT", (2, -6))):
        for amount in amounts:
            add_rows(petition, "CORRECTION", amount, country=country)
    fold_tallies()
    assert dict(Tally.objects.values_list("country", "amount")) == {"PL": 1, "LT": -4}


@pytest.mark.django_db(transaction=True)
def test_a_drift_is_found_named_and_repaired(
    petition: Petition, mailbox: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    live_a_little(petition, mailbox)
    call_command("check_tally")
    assert f"{petition.slug}: differences found: 0" in capsys.readouterr().out
    Signature.objects.filter(visibility="PUBLIC").update(country="DE")
    Signature.objects.filter(visibility="COUNTED").first().delete()  # type: ignore[union-attr]
    before = tally_rows()
    with pytest.raises(CommandError, match="differs"):
        call_command("check_tally", petition.slug)
    out = capsys.readouterr().out
    assert "WEB DE en PUBLIC: tally 0, signatures 3" in out
    assert tally_rows() == before

    call_command("check_tally", petition.slug, "--repair")
    assert "differences repaired: " in capsys.readouterr().out
    assert {row[0] for row in written_since(before)} == {"CORRECTION"}
    assert compare_tally(petition) == {}
    assert counted(petition) == str(Signature.objects.count())
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.petition, entry.actor) == (AuditAction.TALLY_REPAIRED, petition, None)
    assert entry.amount == len(written_since(before))
    call_command("check_tally", petition.slug)


@pytest.mark.django_db(transaction=True)
def test_a_signature_that_only_changed_shows_no_drift_in_the_total_alone(petition: Petition) -> None:
    factories.make_signature(petition, country="PL")
    Signature.objects.update(country="LT")
    differences = check_tally(petition=petition, repair=False)
    assert sorted((dimensions.country, numbers) for dimensions, numbers in differences.items()) == [
        ("LT", (0, 1)),
        ("PL", (1, 0)),
    ]


@pytest.mark.django_db(transaction=True)
def test_nothing_of_a_purged_petition_is_taken_for_a_difference_or_mended(
    petition: Petition, capsys: pytest.CaptureFixture[str]
) -> None:
    factories.make_signature(petition)
    Signature.objects.all().delete()
    Petition.objects.update(purged_at="2011-01-01T00:00Z", status="CLOSED")
    for options in ([], ["--repair"], [petition.slug], [petition.slug, "--repair"]):
        call_command("check_tally", *options)
        out = capsys.readouterr().out
        assert "its signatures were erased, so that only the sums are compared" in out
        assert re.search(r"differences (found|repaired): 0", out)
    assert petition.tallies.all().count_signatures() == 1


def test_an_unknown_petition_is_said_to_be_unknown(db: None) -> None:
    with pytest.raises(CommandError, match="No such petition: unknown"):
        call_command("check_tally", "unknown")


def test_the_command_folds(petition: Petition, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        factories.make_signature(petition)
    call_command("fold_tally")
    assert capsys.readouterr().out == "rows written: 2\n"
    call_command("fold_tally", "--all-days")
    assert capsys.readouterr().out == "rows written: 0\n"


def test_the_count_has_the_separators_of_the_language(ordinary: Petition, db: None) -> None:
    add_rows(ordinary, "CONFIRMED", 5214)
    assert shown_count(ordinary, "en") == "5,214"
    assert shown_count(ordinary, "ru") == "5\N{NO-BREAK SPACE}214"
