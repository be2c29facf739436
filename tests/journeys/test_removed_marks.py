"""What an organiser has removed or held stays so, however its signer withdraws and signs again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from signatures.counting.reconciling import compare_tally
from signatures.models import Petition, RemovedMark, Signature
from signatures.models.choices import SignatureState, StateReason
from signatures.moderating.deciding import move_signature
from signatures.moderating.purging import purge_petition
from signatures.safeguarding import keys
from signatures.signing.forms import HONEYPOT
from signatures.signing.my_signature import withdraw_signature
from tests.support import factories
from tests.support.database import traces_of
from tests.support.mailbox import Mailbox
from tests.support.page_reading import page_of, read, words
from tests.support.tally_reading import ADDRESS, counted, sign_and_confirm, subject_of, that_count

OLD, NEW = "an-old-secret-" + "o" * 40, "a-newer-secret-" + "n" * 40


@pytest.fixture
def removed(petition: Petition, mailbox: Mailbox) -> Signature:
    """Return a signature that counted, and that an organiser then removed."""
    sign_and_confirm(petition, mailbox, visibility="PUBLIC", name="Invented Person")
    signature = Signature.objects.get()
    move_signature(
        pk=signature.pk, to=SignatureState.REMOVED, reason=StateReason.INVENTED, actor=factories.make_organiser()
    )
    return signature


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.usefixtures("removed")
def test_signing_again_after_withdrawing_stays_removed(petition: Petition, mailbox: Mailbox, times: int) -> None:
    for _ in range(times):
        withdraw_signature(subject=subject_of(petition))
        assert not Signature.objects.exists()
        assert RemovedMark.objects.get().reason == StateReason.INVENTED
        assert that_count(sign_and_confirm(petition, mailbox, visibility="PUBLIC", name="Invented Again")) == []
        again = Signature.objects.get()
        assert (again.state, again.state_reason, again.ever_counted) == ("REMOVED", "INVENTED", False)
        assert not RemovedMark.objects.exists()
    assert counted(petition) == "0"
    assert "Invented Again" not in words(read(Client(), page_of(petition, "signers")))
    assert compare_tally(petition) == {}


@pytest.mark.usefixtures("removed")
def test_the_mark_is_all_that_is_left_of_who_has_withdrawn(petition: Petition) -> None:
    withdraw_signature(subject=subject_of(petition))
    assert traces_of("Invented Person", ADDRESS) == []
    assert traces_of(*keys.email_keys(petition.pk, ADDRESS)) == ["signatures_removedmark.email_key"]


@pytest.mark.parametrize("times", [1, 2])
def test_what_an_organiser_has_held_stays_held_after_withdrawing_too(
    petition: Petition, mailbox: Mailbox, times: int
) -> None:
    sign_and_confirm(petition, mailbox)
    actor = factories.make_organiser()
    move_signature(pk=Signature.objects.get().pk, to=SignatureState.HELD, reason=StateReason.SUSPICIOUS, actor=actor)
    for _ in range(times):
        withdraw_signature(subject=subject_of(petition))
        mark = RemovedMark.objects.get()
        assert (mark.state, mark.reason) == ("HELD", "SUSPICIOUS")
        assert that_count(sign_and_confirm(petition, mailbox)) == []
        again = Signature.objects.get()
        assert (again.state, again.state_reason, again.ever_counted) == ("HELD", "SUSPICIOUS", False)
        assert not RemovedMark.objects.exists()
    assert counted(petition) == "0"
    move_signature(pk=again.pk, to=SignatureState.CONFIRMED, reason=None, actor=actor)
    assert counted(petition) == "1"
    assert compare_tally(petition) == {}


@pytest.mark.parametrize(("state", "reason"), [("CONFIRMED", None), ("HELD", StateReason.HONEYPOT)])
def test_nobody_else_leaves_a_mark(
    petition: Petition, mailbox: Mailbox, state: str, reason: StateReason | None
) -> None:
    factories.make_signature(petition, address=ADDRESS, state=state, state_reason=reason)
    withdraw_signature(subject=subject_of(petition))
    assert not RemovedMark.objects.exists()
    assert that_count(sign_and_confirm(petition, mailbox))[0][0] == "CONFIRMED"


@pytest.mark.usefixtures("removed")
def test_an_organiser_lets_it_count_again_and_it_then_leaves_no_mark(petition: Petition, mailbox: Mailbox) -> None:
    withdraw_signature(subject=subject_of(petition))
    sign_and_confirm(petition, mailbox)
    move_signature(
        pk=Signature.objects.get().pk, to=SignatureState.CONFIRMED, reason=None, actor=factories.make_organiser()
    )
    assert counted(petition) == "1"
    withdraw_signature(subject=subject_of(petition))
    sign_and_confirm(petition, mailbox)
    assert Signature.objects.get().state == SignatureState.CONFIRMED
    assert counted(petition) == "1"
    assert compare_tally(petition) == {}


@pytest.mark.usefixtures("removed")
def test_a_mark_is_of_one_address_in_one_petition(petition: Petition, mailbox: Mailbox) -> None:
    withdraw_signature(subject=subject_of(petition))
    other = factories.make_petition()
    sign_and_confirm(other, mailbox)
    sign_and_confirm(petition, mailbox, email="b@example.org")
    assert (counted(petition), counted(other)) == ("1", "1")


@pytest.mark.usefixtures("removed")
def test_a_doubtful_attempt_of_a_marked_address_is_removed_as_any_other(petition: Petition, mailbox: Mailbox) -> None:
    withdraw_signature(subject=subject_of(petition))
    sign_and_confirm(petition, mailbox, **{HONEYPOT: "penguin"})
    again = Signature.objects.get()
    assert (again.state, again.state_reason) == ("REMOVED", "INVENTED")


def test_a_mark_from_before_a_new_secret_is_found(petition: Petition, mailbox: Mailbox, settings: Settings) -> None:
    settings.EMAIL_KEY_SECRETS = {1: OLD}
    factories.make_signature(
        petition, address=ADDRESS, state=SignatureState.REMOVED, state_reason=StateReason.ABUSIVE, ever_counted=True
    )
    withdraw_signature(subject=subject_of(petition))
    settings.EMAIL_KEY_SECRETS = {2: NEW, 1: OLD}
    sign_and_confirm(petition, mailbox)
    again = Signature.objects.get()
    assert (again.state, bytes(again.email_key or b"")[0]) == ("REMOVED", 2)


def test_of_two_marks_of_one_address_the_removed_one_holds(
    petition: Petition, mailbox: Mailbox, settings: Settings
) -> None:
    settings.EMAIL_KEY_SECRETS = {2: NEW, 1: OLD}
    decisions = (("HELD", StateReason.ABUSIVE), ("REMOVED", StateReason.INVENTED))
    for key, (state, reason) in zip(keys.email_keys(petition.pk, ADDRESS), decisions, strict=True):
        RemovedMark.objects.create(petition=petition, email_key=key, state=state, reason=reason)
    sign_and_confirm(petition, mailbox)
    again = Signature.objects.get()
    assert (again.state, again.state_reason) == ("REMOVED", "INVENTED")
    assert not RemovedMark.objects.exists()


@pytest.mark.usefixtures("removed")
def test_the_purge_takes_marks_along(petition: Petition, organiser_client: Callable[[str], Client]) -> None:
    withdraw_signature(subject=subject_of(petition))
    other = factories.make_petition()
    RemovedMark.objects.create(petition=other, email_key=b"k", reason=StateReason.INVENTED)
    Petition.objects.filter(pk=petition.pk).update(status="CLOSED")
    purge_petition(petition=petition, reason="Over", actor=None)
    assert RemovedMark.objects.get().petition == other
