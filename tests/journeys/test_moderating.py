"""Organisers decide on single signatures: held, removed, counted again; a reason shown, or erased."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from signatures.counting.reconciling import compare_tally
from signatures.models import AuditEntry, Petition, Signature, Tally
from signatures.models.choices import SignatureState, StateReason, Visibility
from signatures.signing.forms import HONEYPOT
from tests.support import factories
from tests.support.hand_overs import grow_older
from tests.support.mailbox import Mailbox, code_in
from tests.support.page_reading import page_of, read, words
from tests.support.tally_reading import counted

LogIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db


def change_page(signature: Signature) -> str:
    """Return the path of a signature's page at the desk."""
    return f"/admin/signatures/signature/{signature.pk}/change/"


def decide(client: Client, signature: Signature, action: str, **values: str) -> HttpResponse:
    """Press a button on a signature's page, and return the page that follows."""
    path = f"/admin/signatures/signature/{signature.pk}/decide/"
    return client.post(path, {"action": action, **values}, follow=True)  # type: ignore[return-value]


def kinds(petition: Petition) -> list[tuple[str, str, int]]:
    """Return (kind, reason, amount) of what the tally holds."""
    return list(Tally.objects.filter(petition=petition).order_by("id").values_list("kind", "reason", "amount"))


def counts_right(petition: Petition, expected: int) -> None:
    """Assert that page, tally and list say the same number."""
    assert counted(petition) == str(expected)
    assert Signature.objects.confirmed().filter(petition=petition).count() == expected
    assert compare_tally(petition) == {}


def test_a_doubtful_signature_counts_once_an_organiser_lets_it(
    petition: Petition, visitor: Client, mailbox: Mailbox, moderator: Client
) -> None:
    factories.sign(visitor, petition, **{HONEYPOT: "a robin"})
    factories.confirm(visitor, code_in(mailbox.deliver()[0]))
    signature = Signature.objects.get()
    assert signature.state == SignatureState.HELD
    counts_right(petition, 0)
    notice = words(read(moderator, "/admin/"))
    assert "1 signature is held and waits for a decision." in notice
    assert "Let it count" in read(moderator, change_page(signature))
    grow_older(petition)
    before = Signature.objects.get().current_since
    assert "The signature counts now." in words(decide(moderator, signature, "CONFIRMED"))
    signature.refresh_from_db()
    assert (signature.state, signature.state_reason, signature.ever_counted) == ("CONFIRMED", None, True)
    assert signature.current_since > before, "it is new to whoever was given a list meanwhile"
    assert ("CONFIRMED", "", 1) in kinds(petition)
    counts_right(petition, 1)
    assert "waits for a decision" not in words(read(moderator, "/admin/"))


def test_what_is_removed_leaves_the_count_and_comes_back_as_restored(ordinary: Petition, moderator: Client) -> None:
    signature = factories.make_signature(ordinary, visibility=Visibility.PUBLIC, name="Mickey Mouse")
    factories.make_signature(ordinary)
    decide(moderator, signature, "REMOVED", state_reason="INVENTED")
    counts_right(ordinary, 1)
    assert "Mickey Mouse" not in read(Client(), page_of(ordinary, "signers"))
    decide(moderator, signature, "HELD", state_reason="SUSPICIOUS")
    counts_right(ordinary, 1)
    decide(moderator, signature, "CONFIRMED")
    counts_right(ordinary, 2)
    assert "Mickey Mouse" in read(Client(), page_of(ordinary, "signers"))
    assert kinds(ordinary)[2:] == [("REMOVED", "INVENTED", 1), ("RESTORED", "", 1)]
    log = AuditEntry.objects.filter(action__startswith="SIGNATURE", target=signature.pk).order_by("id")
    assert list(log.values_list("action", "reason", "amount")) == [
        ("SIGNATURE_REMOVED", "INVENTED", 1),
        ("SIGNATURE_HELD", "SUSPICIOUS", 1),
        ("SIGNATURE_RESTORED", "", 1),
    ]
    assert "Mickey" not in str(list(log.values()))


@pytest.mark.parametrize("reason", ["", "HONEYPOT", "because", "CONFIRMED"])
def test_nothing_is_taken_off_without_one_of_the_reasons(petition: Petition, moderator: Client, reason: str) -> None:
    signature = factories.make_signature(petition)
    assert "Choose why it should not count." in words(decide(moderator, signature, "REMOVED", state_reason=reason))
    counts_right(petition, 1)


def test_two_organisers_who_decide_the_same_change_the_count_once(petition: Petition, moderator: Client) -> None:
    signature = factories.make_signature(petition)
    decide(moderator, signature, "REMOVED", state_reason="INVENTED")
    late = words(decide(moderator, signature, "REMOVED", state_reason="DUPLICATE"))
    assert "It is in this state already: somebody else was faster." in late
    counts_right(petition, 0)
    signature.refresh_from_db()
    assert signature.state_reason == StateReason.INVENTED


def test_a_signature_withdrawn_meanwhile_is_said_to_be_gone(petition: Petition, moderator: Client) -> None:
    signature = factories.make_signature(petition)
    gone = Signature(pk=signature.pk)
    signature.delete()
    assert "its signer has withdrawn it" in words(decide(moderator, gone, "CONFIRMED"))


@pytest.mark.parametrize("role", ["Editors", "Auditors"])
def test_whoever_may_not_moderate_decides_nothing(petition: Petition, organiser_client: LogIn, role: str) -> None:
    signature = factories.make_signature(petition)
    answer = decide(organiser_client(role), signature, "REMOVED", state_reason="INVENTED")
    assert answer.status_code == 403
    counts_right(petition, 1)


@pytest.mark.parametrize("action", ["", "WITHDRAW", "DELETE"])
def test_no_other_decision_is_taken(petition: Petition, moderator: Client, action: str) -> None:
    assert decide(moderator, factories.make_signature(petition), action).status_code == 400
    counts_right(petition, 1)


def test_a_reason_is_read_approved_and_shown(ordinary: Petition, moderator: Client) -> None:
    signature = factories.make_signature(
        ordinary, visibility=Visibility.PUBLIC, reason="За свободу\nи за «правду»", name="Аня Ўлашэнка"
    )
    factories.make_signature(ordinary)
    assert "1 reason for signing waits to be read." in words(read(moderator, "/admin/"))
    waiting = words(read(moderator, "/admin/signatures/signature/?reasons=waiting"))
    assert "За свободу" in waiting
    assert "Signer" not in waiting, "only those that wait are listed"
    assert "За свободу" not in read(Client(), page_of(ordinary, "signers"))
    decide(moderator, signature, "APPROVE", seen="За свободу\r\nи за «правду»")
    assert "За свободу" in read(Client(), page_of(ordinary, "signers"))
    assert "За свободу" not in words(read(moderator, "/admin/signatures/signature/?reasons=waiting"))
    assert "За свободу" in words(read(moderator, "/admin/signatures/signature/?reasons=shown"))
    asked = words(decide(moderator, signature, "ERASE", seen="За свободу\nи за «правду»"))
    assert "This will be gone for good, and cannot be undone: За свободу" in asked
    assert "За свободу" in read(Client(), page_of(ordinary, "signers")), "asking changes nothing"
    decide(moderator, signature, "ERASE", seen="За свободу\nи за «правду»", sure="on")
    assert "За свободу" not in read(Client(), page_of(ordinary, "signers"))
    signature.refresh_from_db()
    assert (signature.reason, signature.reason_approved) == (None, False)
    log = AuditEntry.objects.filter(target=signature.pk, action__startswith="REASON").order_by("id")
    assert list(log.values_list("action", flat=True)) == ["REASON_APPROVED", "REASON_ERASED"]
    assert "свободу" not in str(list(log.values()))


@pytest.mark.parametrize("action", ["APPROVE", "ERASE"])
def test_a_reason_that_changed_since_it_was_read_is_not_decided_on(
    petition: Petition, moderator: Client, action: str
) -> None:
    signature = factories.make_signature(petition, visibility=Visibility.PUBLIC, reason="Good")
    Signature.objects.update(reason="Bad")
    assert "The reason has changed since you opened this page." in words(
        decide(moderator, signature, action, seen="Good", sure="on")
    )
    signature.refresh_from_db()
    assert (signature.reason, signature.reason_approved) == ("Bad", False)
