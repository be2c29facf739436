"""The tally: which rows each deed writes, and that the count, its parts and the signatures agree."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from signatures.counting.checking import check_tally, compare_tally
from signatures.counting.folding import fold_tallies
from signatures.models import AuditEntry, HourTally, Petition, Signature, Tally
from signatures.models.choices import AuditAction, SignatureState, StateReason, Visibility
from signatures.safeguarding import keys
from signatures.signing.actions import expire_attempts
from signatures.signing.forms import HONEYPOT
from signatures.signing.my_signature import lower_visibility, withdraw_signature
from signatures.tokens import MySignature
from tests import factories
from tests.database import let_attempts_grow_old, query
from tests.mailbox import Mailbox, code_in
from tests.pages import shown_count

ADDRESS = "a@example.org"
Row = tuple[str, str, str, str, str, str, int]


def tally_rows() -> Counter[Row]:
    """Return every tally row: kind, reason, source, country, language, visibility, amount."""
    return Counter(Tally.objects.values_list("kind", "reason", "source", "country", "language", "visibility", "amount"))


def written_since(before: Counter[Row]) -> list[Row]:
    """Return the rows that were added, in order."""
    added = tally_rows() - before
    assert not before - tally_rows()
    return sorted(added.elements())


def subject_of(petition: Petition, address: str = ADDRESS) -> MySignature:
    """Return what an address's my-signature link stands for."""
    return MySignature(petition.pk, keys.email_keys(petition.pk, address))


def sign_and_confirm(petition: Petition, mailbox: Mailbox, **values: str) -> list[Row]:
    """Sign and confirm by mail, and return the rows that the confirmation wrote."""
    client = Client()
    factories.sign(client, petition, **{"email": ADDRESS, **values})
    before = tally_rows()
    code = code_in(mailbox.deliver()[0])
    assert factories.confirm(client, code, visibility=values.get("visibility", "PUBLIC")).status_code == 303
    return written_since(before)


def test_an_attempt_is_submitted(petition: Petition) -> None:
    factories.sign(Client(), petition, "ru", visibility="PUBLIC", country="PL")
    assert written_since(Counter()) == [("SUBMITTED", "", "WEB", "PL", "ru", "PUBLIC", 1)]
    assert list(HourTally.objects.values_list("petition", "kind", "amount")) == [(petition.pk, "SUBMITTED", 1)]
    today, hour = query("SELECT (now() AT TIME ZONE 'UTC')::date, date_trunc('hour', now(), 'UTC')")[0]
    assert Tally.objects.get().day == today
    assert HourTally.objects.get().hour == hour


def test_attempts_that_die_are_expired_by_petition_and_dimension(petition: Petition) -> None:
    other = factories.make_petition()
    client = Client()
    for one, visibility in ((petition, "PUBLIC"), (petition, "PUBLIC"), (petition, "COUNTED"), (other, "PUBLIC")):
        factories.sign(client, one, visibility=visibility)
    let_attempts_grow_old(timedelta(days=8))
    before = tally_rows()
    assert expire_attempts() == 4
    assert written_since(before) == [
        ("EXPIRED", "", "WEB", "BY", "en", "COUNTED", 1),
        ("EXPIRED", "", "WEB", "BY", "en", "PUBLIC", 1),
        ("EXPIRED", "", "WEB", "BY", "en", "PUBLIC", 2),
    ]
    assert Tally.objects.get(petition=other, kind="EXPIRED").amount == 1
    assert expire_attempts() == 0


def test_an_attempt_that_was_confirmed_does_not_expire_too(petition: Petition, mailbox: Mailbox) -> None:
    sign_and_confirm(petition, mailbox)
    let_attempts_grow_old(timedelta(days=8))
    assert expire_attempts() == 0
    assert not Tally.objects.filter(kind="EXPIRED").exists()


def test_the_first_confirmation_is_confirmed_with_what_was_confirmed(petition: Petition, mailbox: Mailbox) -> None:
    rows = sign_and_confirm(petition, mailbox, visibility="PUBLIC", country="UA")
    assert rows == [("CONFIRMED", "", "WEB", "UA", "en", "PUBLIC", 1)]
    assert list(HourTally.objects.order_by("id").values_list("kind", "amount")) == [("SUBMITTED", 1), ("CONFIRMED", 1)]


def test_a_second_confirmation_is_a_change_from_one_to_the_other(petition: Petition, mailbox: Mailbox) -> None:
    sign_and_confirm(petition, mailbox, visibility="PUBLIC", country="UA")
    rows = sign_and_confirm(petition, mailbox, visibility="COUNTED", country="LT")
    assert rows == [
        ("CHANGED_FROM", "", "WEB", "UA", "en", "PUBLIC", 1),
        ("CHANGED_TO", "", "WEB", "LT", "en", "COUNTED", 1),
    ]
    assert shown_count(petition) == "1"
    assert compare_tally(petition) == {}


def test_a_confirmation_of_the_same_is_a_change_too(petition: Petition, mailbox: Mailbox) -> None:
    """Or the numbers of the day would tell that an address had signed before with other data."""
    sign_and_confirm(petition, mailbox, visibility="PUBLIC")
    rows = sign_and_confirm(petition, mailbox, visibility="PUBLIC")
    assert [row[0] for row in rows] == ["CHANGED_FROM", "CHANGED_TO"]


def test_a_signature_that_is_held_from_the_start_is_not_counted(petition: Petition, mailbox: Mailbox) -> None:
    assert sign_and_confirm(petition, mailbox, **{HONEYPOT: "penguin"}) == []
    assert Signature.objects.get().state == SignatureState.HELD
    assert sign_and_confirm(petition, mailbox, visibility="COUNTED") == []
    assert Signature.objects.get().visibility == Visibility.COUNTED
    assert shown_count(petition) == "0"


def test_lowering_is_a_change_and_lowering_to_the_same_is_none(petition: Petition) -> None:
    factories.make_signature(petition, address=ADDRESS, visibility="PUBLIC", country="DE")
    before = tally_rows()
    lower_visibility(subject=subject_of(petition), to=Visibility.DELIVERED)
    rows = [
        ("CHANGED_FROM", "", "WEB", "DE", "en", "PUBLIC", 1),
        ("CHANGED_TO", "", "WEB", "DE", "en", "DELIVERED", 1),
    ]
    assert written_since(before) == rows
    lower_visibility(subject=subject_of(petition), to=Visibility.DELIVERED)
    assert written_since(before) == rows


@pytest.mark.parametrize("state", [SignatureState.HELD, SignatureState.REMOVED])
def test_what_does_not_count_is_changed_and_withdrawn_without_a_number(
    petition: Petition, mailbox: Mailbox, state: SignatureState
) -> None:
    factories.make_signature(
        petition, address=ADDRESS, visibility="PUBLIC", state=state, state_reason=StateReason.ABUSIVE
    )
    lower_visibility(subject=subject_of(petition), to=Visibility.DELIVERED)
    assert sign_and_confirm(petition, mailbox, visibility="PUBLIC") == []
    withdraw_signature(subject=subject_of(petition))
    assert {row[0] for row in tally_rows()} == {"SUBMITTED"}
    assert not Signature.objects.exists()


def test_withdrawing_is_withdrawn_with_what_stood_there(petition: Petition) -> None:
    factories.make_signature(petition, address=ADDRESS, visibility="PUBLIC", country="DE", language="ru")
    before = tally_rows()
    withdraw_signature(subject=subject_of(petition))
    assert written_since(before) == [("WITHDRAWN", "", "WEB", "DE", "ru", "PUBLIC", 1)]
    withdraw_signature(subject=subject_of(petition))
    assert len(written_since(before)) == 1
    assert shown_count(petition) == "0"


def test_the_three_instants_say_what_they_promise(petition: Petition, mailbox: Mailbox) -> None:
    signature = factories.make_signature(petition, address=ADDRESS)
    query(
        "UPDATE signatures_signature SET first_confirmed_at = '2011-01-01T23:30Z',"
        " last_confirmed_at = '2011-01-01T23:30Z', current_since = '2011-01-02T00:30Z'"
    )
    signature.refresh_from_db()
    assert str(signature.signed_on) == "2011-01-01"
    sign_and_confirm(petition, mailbox)
    again = Signature.objects.get()
    assert again.first_confirmed_at == signature.first_confirmed_at
    assert again.last_confirmed_at == again.current_since > signature.current_since
    assert again.signed_on == query("SELECT (now() AT TIME ZONE 'UTC')::date")[0][0]


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
            " FROM signatures_tally GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8"
        ),
        *query(
            "SELECT petition_id, hour, kind, sum(amount) FROM signatures_hourtally GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
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
    assert shown_count(petition) == "6"
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


def test_closed_days_are_those_before_today(petition: Petition) -> None:
    factories.make_signature(petition)
    add_rows(petition, "CONFIRMED", 7, days_ago=1, country="PL")
    assert petition.tallies.all().count_signatures() == 8
    assert petition.tallies.all().closed_days().count_by("country") == {("PL",): 7}


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
    assert shown_count(petition) == str(Signature.objects.count())
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
def test_a_purged_petition_is_refused_by_name_and_passed_over_without(
    petition: Petition, capsys: pytest.CaptureFixture[str]
) -> None:
    factories.make_signature(petition)
    Signature.objects.all().delete()
    Petition.objects.update(purged_at="2011-01-01T00:00Z")
    for options in ([], ["--repair"]):
        with pytest.raises(CommandError, match="purged"):
            call_command("check_tally", petition.slug, *options)
        call_command("check_tally", *options)
    assert capsys.readouterr().out == ""
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


def test_the_count_has_the_separators_of_the_language(petition: Petition) -> None:
    add_rows(petition, "CONFIRMED", 5214)
    assert shown_count(petition, "en") == "5,214"
    assert shown_count(petition, "ru") == "5\N{NO-BREAK SPACE}214"
