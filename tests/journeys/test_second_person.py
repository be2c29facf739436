"""What cannot be taken back waits for a second person, who reads exactly what will happen."""

from __future__ import annotations

import pytest
from django.test import Client

from signatures.models import Approval, AuditEntry, Delivery, Organiser, Petition, Recipient
from signatures.models.choices import AuditAction
from tests.support import factories
from tests.support.database import refuses
from tests.support.desk import save
from tests.support.hand_overs import act, checklist, checklist_path, grow_older
from tests.support.name_lists import content_of, order_list, recipient_of, rows_in
from tests.support.page_reading import field_value, read, words
from tests.support.two_people import APPROVALS, ask_for_two, asked, client_of, page_path, press, somebody

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def parliament(petition: Petition) -> Recipient:
    """Return a recipient that is given two names, of a petition that asks for two people."""
    for name in ("First", "Second"):
        factories.make_signature(petition, name=name)
    grow_older(petition)
    ask_for_two(petition)
    return recipient_of(petition, "Parliament")


@pytest.fixture
def one(parliament: Recipient) -> tuple[Organiser, Client]:
    """Return who asks."""
    return somebody("Organisers")


@pytest.fixture
def other(parliament: Recipient) -> tuple[Organiser, Client]:
    """Return who agrees."""
    return somebody("Organisers")


def log(*actions: AuditAction) -> list[AuditEntry]:
    """Return the entries of some actions, the oldest first."""
    return list(AuditEntry.objects.filter(action__in=actions).order_by("pk"))


def test_a_list_leaves_only_after_somebody_else_has_read_and_agreed(
    parliament: Recipient, one: tuple[Organiser, Client], other: tuple[Organiser, Client]
) -> None:
    approval = asked(order_list(one[1], parliament))
    assert not Delivery.objects.exists()
    assert not log(AuditAction.EXPORT_STARTED)
    mine = words(read(one[1], page_path(approval)))
    assert "Waits for a second person" in mine
    assert f"They could agree: {other[0].username}" in mine
    assert "Carry it out" not in mine
    assert "Make a list of names for the organisers’ own work" in words(read(other[1], "/admin/"))
    theirs = words(read(other[1], page_path(approval)))
    for said in ("Parliament", "It held 2 names when this was asked.", "Hand-over", one[0].username, "Comma"):
        assert said in theirs
    assert press(other[1], approval, "agree").status_code == 302
    assert "Carry it out" in words(read(one[1], "/admin/"))
    content = content_of(press(one[1], approval, "carry_out"))
    assert len(rows_in(content)) == 3
    asking, given, started = log(AuditAction.APPROVAL_ASKED, AuditAction.APPROVAL_GIVEN, AuditAction.EXPORT_STARTED)
    assert (asking.actor, given.actor, started.actor) == (one[0], other[0], one[0])
    assert asking.target == given.target == started.details["approval"] == approval.pk
    again = press(one[1], approval, "carry_out")
    assert again.status_code == 302
    assert "It is over already." in words(read(one[1], page_path(approval)))
    assert Delivery.objects.count() == 1
    # The same once more is another request.
    assert asked(order_list(one[1], parliament)) != approval


def test_anything_that_differs_needs_another_agreement(
    parliament: Recipient, one: tuple[Organiser, Client], other: tuple[Organiser, Client]
) -> None:
    approval = asked(order_list(one[1], parliament))
    assert asked(order_list(one[1], parliament)) == approval, "pressed twice, asked once"
    press(other[1], approval, "agree")
    for changed in ({"delimiter": ";"}, {"reason": "Another"}, {"language": "ru"}):
        assert asked(order_list(one[1], parliament, **changed)) != approval
    assert asked(order_list(other[1], parliament)) != approval, "nobody else can use it"
    assert content_of(order_list(one[1], parliament))


def test_a_hand_over_and_each_download_of_its_names_wait(
    parliament: Recipient, one: tuple[Organiser, Client], other: tuple[Organiser, Client]
) -> None:
    form = checklist(parliament)
    path = checklist_path(parliament.petition)
    seen = field_value(save(one[1], path, {"preview": "1", **form}), "seen")
    approval = asked(save(one[1], path, {"prepare": "1", "seen": seen, **form}))
    theirs = words(read(other[1], page_path(approval)))
    assert "It holds everything up to" in theirs
    assert "Committee's session" in theirs
    press(other[1], approval, "agree")
    assert press(one[1], approval, "carry_out").status_code == 302
    delivery = Delivery.objects.get()
    assert delivery.prepared_by == one[0]
    approval = asked(act(one[1], delivery, "package", password="correct horse battery"))
    assert "correct horse" not in approval.what
    assert "encrypted with a password" in words(read(other[1], page_path(approval)))
    press(other[1], approval, "agree")
    assert press(one[1], approval, "carry_out").status_code == 422, "the password is kept nowhere"
    assert content_of(press(one[1], approval, "carry_out", password="correct horse battery"))
    assert asked(act(one[1], delivery, "file", name="signatures.csv")) != approval
    assert content_of(act(one[1], delivery, "file", name="totals.csv")), "no names are in it"


def test_who_has_refused_or_taken_back_has_ended_it(
    parliament: Recipient, one: tuple[Organiser, Client], other: tuple[Organiser, Client]
) -> None:
    first = asked(order_list(one[1], parliament))
    assert press(other[1], first, "refuse").status_code == 422
    press(other[1], first, "refuse", reason="Not before Monday")
    assert "Not before Monday" in words(read(one[1], page_path(first)))
    assert press(other[1], first, "agree").status_code == 302
    second = asked(order_list(one[1], parliament))
    assert press(other[1], second, "take_back").status_code == 403
    press(one[1], second, "take_back")
    press(other[1], second, "agree")
    press(one[1], second, "carry_out")
    assert not Approval.objects.filter(agreed=True).exists()
    assert not Delivery.objects.exists()
    refused = log(AuditAction.APPROVAL_REFUSED)
    assert [(row.actor, row.details.get("taken_back")) for row in refused] == [(other[0], None), (one[0], True)]
    shown = words(read(one[1], APPROVALS))
    assert "Refused by" in shown
    assert "Taken back." in shown


def test_nobody_agrees_to_what_they_have_asked_themselves(parliament: Recipient, one: tuple[Organiser, Client]) -> None:
    approval = asked(order_list(one[1], parliament))
    assert press(one[1], approval, "agree").status_code == 403
    assert press(client_of(factories.make_organiser("Moderators")), approval, "agree").status_code == 403
    change = "UPDATE signatures_approval SET decided_by_id = asked_by_id, decided_at = now(), agreed = true"
    refuses(change, by="approval_by_somebody_else")


def test_the_database_keeps_what_was_asked_and_decided(
    parliament: Recipient, one: tuple[Organiser, Client], other: tuple[Organiser, Client]
) -> None:
    approval = asked(order_list(one[1], parliament))
    refuses("UPDATE signatures_approval SET reason = 'Another'", by="another request is another row")
    refuses("DELETE FROM signatures_approval", by="cannot be changed or deleted")
    press(other[1], approval, "agree")
    refuses("UPDATE signatures_approval SET agreed = false", by="it is decided on already")
    content_of(press(one[1], approval, "carry_out"))
    refuses("UPDATE signatures_approval SET used_at = NULL", by="it is over")
    refuses(
        "INSERT INTO signatures_approval (petition_id, kind, what, digest, reason, asked_by_id, why_refused)"
        " VALUES (%s, 'EXPORT', '{}', 'x', '', %s, '')",
        parliament.petition_id,
        one[0].pk,
        by="approval_digest_of_what",
    )


def test_two_who_agree_to_each_other_are_marked(
    parliament: Recipient, one: tuple[Organiser, Client], other: tuple[Organiser, Client]
) -> None:
    for asker, decider in ((one, other), (other, one)):
        assert "These two agree to each other" not in words(read(one[1], APPROVALS))
        press(decider[1], asked(order_list(asker[1], parliament)), "agree")
    assert words(read(one[1], APPROVALS)).count("These two agree to each other") == 2
