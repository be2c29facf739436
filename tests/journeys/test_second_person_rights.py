"""Two accounts in one hand are not two people, and a right that was taken away is asked for again at each step."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from signatures import auditing
from signatures.models import Approval, AuditEntry, Delivery, Membership, Organiser, Petition, Recipient
from signatures.models.choices import AuditAction
from tests.support import factories
from tests.support.name_lists import content_of, order_list, recipient_of
from tests.support.page_reading import read, words
from tests.support.two_people import ask_for_two, asked, page_path, press, somebody

pytestmark = pytest.mark.django_db(transaction=True)
TYING = ["ACCOUNT_ADDED", "RIGHTS_GIVEN", "LINK_MADE", "FACTOR_REMOVED"]


@pytest.fixture
def parliament(petition: Petition) -> Recipient:
    """Return a recipient of a petition that asks for two people."""
    factories.make_signature(petition)
    return recipient_of(ask_for_two(petition), "Parliament")


def export(client: Client, parliament: Recipient) -> Approval:
    """Ask for a list."""
    return asked(order_list(client, parliament))


@pytest.mark.parametrize("action", TYING)
@pytest.mark.parametrize("by_the_asker", [True, False])
def test_an_account_in_the_hand_of_the_other_cannot_agree(
    parliament: Recipient, action: str, by_the_asker: bool
) -> None:
    one, browser = somebody("Organisers")
    ghost, its_browser = somebody("Organisers")
    actor, target = (one, ghost) if by_the_asker else (ghost, one)
    auditing.record(actor=actor, action=AuditAction(action), target=target.pk)
    approval = export(browser, parliament)
    page = words(read(its_browser, page_path(approval)))
    assert "You cannot decide on this" in page
    assert "Nobody can agree to this" in words(read(browser, page_path(approval)))
    assert "second person" not in words(read(its_browser, "/admin/"))
    press(its_browser, approval, "agree")
    approval.refresh_from_db()
    assert approval.agreed is None
    # Whoever has neither in hand still can.
    press(somebody("Organisers")[1], approval, "agree")
    approval.refresh_from_db()
    assert approval.agreed


def test_an_account_that_is_taken_over_after_it_agreed_has_not_agreed(parliament: Recipient) -> None:
    one, browser = somebody("Organisers")
    other, theirs = somebody("Organisers")
    approval = export(browser, parliament)
    press(theirs, approval, "agree")
    auditing.record(actor=one, action=AuditAction.FACTOR_REMOVED, target=other.pk)
    press(browser, approval, "carry_out")
    assert not Delivery.objects.exists()


def record_by(actor: Organiser, action: str, account: Organiser, *, days: int = 0) -> None:
    """Record what somebody did to an account so many days ago."""
    details = {"link": "RESET"} if action == "LINK_MADE" else {}
    entry = auditing.record(actor=actor, action=AuditAction(action), target=account.pk, details=details)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE signatures_auditentry DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE signatures_auditentry SET at = now() - %s::interval WHERE id = %s", [f"{days} days", entry.pk]
        )
        cursor.execute("ALTER TABLE signatures_auditentry ENABLE TRIGGER USER")


@pytest.mark.parametrize(
    ("acts", "days", "tied"),
    [
        (("LINK_MADE", "FACTOR_REMOVED"), 80, True),
        (("ACCOUNT_OPENED", "LINK_MADE"), 80, True),
        (("LINK_MADE", "FACTOR_REMOVED"), 91, False),
        (("ACCOUNT_ADDED", "ACCOUNT_ADDED"), 6, True),
        (("ACCOUNT_ADDED", "LINK_MADE"), 6, True),
        (("ACCOUNT_ADDED", "ACCOUNT_ADDED"), 8, False),
    ],
)
def test_two_accounts_in_the_hand_of_a_third_are_not_two_people(
    parliament: Recipient, acts: tuple[str, str], days: int, tied: bool
) -> None:
    third, _ = somebody()
    one, browser = somebody("Organisers")
    other, theirs = somebody("Organisers")
    for act, account in zip(acts, (one, other), strict=True):
        record_by(third, act, account, days=days)
        # What somebody does to their own account ties nobody.
        record_by(account, "FACTOR_REMOVED", account)
    approval = export(browser, parliament)
    page = words(read(theirs, page_path(approval)))
    assert ("within the last 90 days the same person could have got into both accounts" in page) == tied
    press(theirs, approval, "agree")
    approval.refresh_from_db()
    assert bool(approval.agreed) != tied


@pytest.mark.parametrize("by_the_asker", [True, False])
@pytest.mark.parametrize(("action", "days", "tied"), [("LINK_MADE", 80, True), ("ACCOUNT_ADDED", 8, False)])
def test_an_account_that_one_holds_by_way_of_a_third_is_not_another_person(
    parliament: Recipient, action: str, days: int, tied: bool, by_the_asker: bool
) -> None:
    third, _ = somebody()
    one, browser = somebody("Organisers")
    other, theirs = somebody("Organisers")
    first, last = (one, other) if by_the_asker else (other, one)
    record_by(first, action, third, days=days)
    record_by(third, action, last, days=days)
    approval = export(browser, parliament)
    assert ("Nobody can agree to this" in words(read(browser, page_path(approval)))) == tied
    press(theirs, approval, "agree")
    approval.refresh_from_db()
    assert bool(approval.agreed) != tied


def test_that_one_person_has_added_both_is_told_and_kept(parliament: Recipient) -> None:
    third, _ = somebody()
    one, browser = somebody("Organisers")
    other, theirs = somebody("Organisers")
    for account in (one, other):
        record_by(third, "ACCOUNT_ADDED", account, days=30)
    approval = export(browser, parliament)
    told = f"the same person has given access to both accounts: {third.username}"
    assert told in words(read(theirs, page_path(approval)))
    press(theirs, approval, "agree")
    assert told in words(read(browser, page_path(approval)))
    entry = AuditEntry.objects.get(action=AuditAction.APPROVAL_GIVEN)
    assert entry.details["both_let_in_by"] == third.pk
    page = words(read(somebody()[1], f"/admin/signatures/auditentry/{entry.pk}/change/"))
    assert f"Who has given access to both accounts: {third.username}" in page


def take_role(organiser: Organiser) -> None:
    """Take the role away."""
    organiser.groups.clear()


def close(organiser: Organiser) -> None:
    """Close the account."""
    Organiser.objects.filter(pk=organiser.pk).update(is_active=False)


@pytest.mark.parametrize("lose", [take_role, close])
def test_whoever_loses_the_right_can_neither_agree_nor_carry_out_nor_have_agreed(
    parliament: Recipient, lose: object
) -> None:
    assert callable(lose)
    one, browser = somebody("Organisers")
    other, theirs = somebody("Organisers")
    approval = export(browser, parliament)
    lose(other)
    assert press(theirs, approval, "agree").status_code in {302, 403, 404}
    approval.refresh_from_db()
    assert approval.agreed is None
    third, another = somebody("Organisers")
    press(another, approval, "agree")
    lose(third)
    press(browser, approval, "carry_out")
    assert not Delivery.objects.exists(), "the agreement is void"
    last = export(browser, parliament)
    press(somebody("Organisers")[1], last, "agree")
    lose(one)
    assert press(browser, last, "carry_out").status_code in {302, 403, 404}
    assert not Delivery.objects.exists()


def test_nobody_agrees_for_somebody_who_has_lost_the_right(parliament: Recipient) -> None:
    one, browser = somebody("Organisers")
    approval = export(browser, parliament)
    take_role(one)
    press(somebody("Organisers")[1], approval, "agree")
    approval.refresh_from_db()
    assert approval.agreed is None


def test_a_role_in_this_petition_is_enough_and_one_in_another_is_not(parliament: Recipient) -> None:
    _, browser = somebody("Organisers")
    approval = export(browser, parliament)
    elsewhere = factories.make_petition(slug="elsewhere")
    for petition, status in ((elsewhere, 404), (parliament.petition, 302)):
        other, theirs = somebody("Auditors")
        other.groups.clear()
        Membership.objects.create(organiser=other, petition=petition, role=factories.role_of("Organisers"))
        assert press(theirs, approval, "agree").status_code == status
    assert content_of(press(browser, approval, "carry_out"))


@pytest.mark.parametrize(("column", "days"), [("asked_at", 8), ("decided_at", 2)])
def test_what_was_not_agreed_to_in_a_week_or_not_used_in_a_day_is_void(
    parliament: Recipient, column: str, days: int
) -> None:
    _, browser = somebody("Organisers")
    _, theirs = somebody("Organisers")
    approval = export(browser, parliament)
    if column == "decided_at":
        press(theirs, approval, "agree")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE signatures_approval DISABLE TRIGGER decided_once")
        cursor.execute(f"UPDATE signatures_approval SET {column} = now() - %s::interval", [f"{days} days"])  # noqa: S608
        cursor.execute("ALTER TABLE signatures_approval ENABLE TRIGGER decided_once")
    assert "Expired" in words(read(browser, page_path(approval)))
    press(theirs, approval, "agree")
    press(browser, approval, "carry_out")
    assert not Delivery.objects.exists()
