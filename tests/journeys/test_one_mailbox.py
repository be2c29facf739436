"""What the owner of one mailbox does ten times moves no published number that counts people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from signatures.models import MailCount, Petition, Tally
from signatures.models.choices import Profile, SignatureState, TallyKind, Visibility
from signatures.signing.my_signature import lower_visibility, withdraw_signature
from tests.support import factories
from tests.support.hand_overs import grow_older, hand_over, package_of, unpacked
from tests.support.mailbox import Mailbox
from tests.support.name_lists import rows_in
from tests.support.page_reading import page_of, read
from tests.support.releases import move_to, release, sign_hidden, sign_publicly
from tests.support.tally_reading import ADDRESS, sign_and_confirm, subject_of

pytestmark = pytest.mark.django_db(transaction=True)


def last_day(petition: Petition) -> dict[str, Any]:
    """Return the newest day of the ledger."""
    days: list[dict[str, Any]] = Client().get(page_of(petition, "ledger_json")).json()["days"]
    return days[-1]


def test_who_withdraws_and_signs_again_a_dozen_times_is_not_told_of_in_the_ledger(petition: Petition) -> None:
    sign_hidden(petition, 40)
    factories.make_signature(petition, address=ADDRESS)
    assert release(petition, ago=timedelta(days=2))
    for _ in range(12):
        withdraw_signature(subject=subject_of(petition))
        factories.make_signature(petition, address=ADDRESS)
    withdraw_signature(subject=subject_of(petition))
    sign_hidden(petition, 21)
    assert release(petition)
    assert Tally.objects.filter(kind=TallyKind.WITHDRAWN).count() == 13
    day = last_day(petition)
    assert (day["count"], day["confirmed"], day["withdrawn"]) == (61, 20, 0)


def test_who_changes_a_signature_ten_times_is_not_told_of_in_the_ledger(petition: Petition, mailbox: Mailbox) -> None:
    sign_hidden(petition, 40)
    sign_and_confirm(petition, mailbox, visibility="PUBLIC")
    assert release(petition, ago=timedelta(days=2))
    for _ in range(10):
        # On ten days.
        MailCount.objects.all().delete()
        sign_and_confirm(petition, mailbox, visibility="PUBLIC")
    sign_hidden(petition, 20)
    assert release(petition)
    assert Tally.objects.filter(kind=TallyKind.CHANGED_TO).count() == 10
    day = last_day(petition)
    assert (day["count"], day["confirmed"], day["changed"]) == (61, 20, 0)


def test_however_often_it_does_so_whoever_else_was_removed_or_withdrew_the_numbers_are_the_same() -> None:
    published = []
    for cycles in (1, 5, 12):
        petition = factories.make_petition()
        factories.make_signature(petition, address=ADDRESS)
        leaving = [factories.make_signature(petition, address=f"{n}@example.com") for n in range(24)]
        sign_hidden(petition, 36)
        assert release(petition, ago=timedelta(days=2))
        for signature in leaving[:12]:
            move_to(signature, SignatureState.REMOVED)
        # Some of whom go after that, and twelve others who counted until then.
        for number in (*range(5), *range(12, 24)):
            withdraw_signature(subject=subject_of(petition, f"{number}@example.com"))
        for _ in range(cycles):
            withdraw_signature(subject=subject_of(petition))
            factories.make_signature(petition, address=ADDRESS)
        assert release(petition)
        published.append({column: amount for column, amount in last_day(petition).items() if column != "day"})
    assert published[0] == published[1] == published[2]
    assert (published[0]["count"], published[0]["withdrawn"]) == (37, 13)


@pytest.mark.parametrize("deed", ["lower", "withdraw"])
def test_a_public_name_that_goes_does_not_tell_whether_its_owner_is_still_counted(
    petition: Petition, deed: str
) -> None:
    sign_publicly(petition, *(f"Somebody {n}" for n in range(19)), country="LT")
    factories.make_signature(petition, address=ADDRESS, name="Xenia", visibility="PUBLIC", country="LT")
    sign_publicly(petition, *(f"Other {n}" for n in range(10)), country="PL")
    assert release(petition)
    assert "Xenia" in read(Client(), page_of(petition, "signers"))
    if deed == "lower":
        lower_visibility(subject=subject_of(petition), to=Visibility.COUNTED)
    else:
        withdraw_signature(subject=subject_of(petition))
    sign_publicly(petition, *(f"New {n}" for n in range(12)), country="PL")
    release(petition)
    answer = Client().get(f"/api/petitions/{petition.slug}.json").json()
    names = read(Client(), page_of(petition, "signers"))
    assert "Xenia" not in names
    listed = sum(names.count(word) for word in ("Somebody", "Other", "New"))
    hidden = answer["signature_count"] - listed
    # With a number of before, she is the one who was there then.
    assert hidden == 0 or hidden >= 10 or answer["signature_count"] == 30


def named_total(organiser: Client, petition: Petition, name: str) -> int | None:
    """Hand over to a recipient and return how many the totals say signed with a name, or None."""
    recipient = petition.recipients.get(name_en=name)
    files = unpacked(package_of(organiser, hand_over(organiser, recipient)))
    rows = [row for row in rows_in(files["totals.csv"]) if row[0] == "named"]
    return int(rows[0][3]) if rows else None


def test_what_two_recipients_are_told_does_not_differ_by_a_few_people(organiser: Client) -> None:
    petition = factories.make_petition()
    second = factories.make_recipient(petition, "Senate", "Сенат", Profile.TOTALS)
    factories.publish_next(petition)
    for number in range(3):
        factories.make_signature(petition, name=f"Early {number}")
    sign_hidden(petition, 30)
    second.profile = Profile.NAMES
    second.save()
    factories.publish_next(petition)
    for number in range(60):
        factories.make_signature(petition, name=f"Late {number}")
    sign_hidden(petition, 20)
    grow_older(petition)
    assert release(petition, ago=timedelta(hours=1))
    told = [named_total(organiser, petition, name) for name in ("Parliament", "Senate")]
    # 63 with a name for one, 60 for the other.
    assert None in told
