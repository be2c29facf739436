"""Confirming, lowering and withdrawing spend whatever else waits of an address, for everybody by the same statement."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from signatures.counting.folding import fold_tallies
from signatures.counting.reconciling import compare_tally
from signatures.models import Attempt, OutgoingMail, Petition, Signature
from signatures.models.choices import MailKind, Visibility
from signatures.signing.actions import attempt_of, confirmation_of
from signatures.signing.confirming import store_confirmation
from signatures.signing.my_signature import withdraw_signature
from tests.support import factories
from tests.support.database import let_attempts_grow_old, query, traces_of
from tests.support.mailbox import Mailbox, code_in, paths_in
from tests.support.page_reading import page_of
from tests.support.tally_reading import ADDRESS, counted, subject_of, tally_rows, that_count, written_since

ACTIONS = ("CONFIRM", "COUNTED", "DELIVERED", "WITHDRAW")


def link_of(visitor: Client, petition: Petition, mailbox: Mailbox) -> str:
    """Ask for a my-signature link, and return its path."""
    visitor.post(page_of(petition, "my_signature_request"), {"email": ADDRESS})
    return paths_in(mailbox.deliver()[-1])[0]


def press(visitor: Client, action: str, *, code: str, link: str) -> None:
    """Press the button of an action."""
    if action == "CONFIRM":
        assert factories.confirm(visitor, code, visibility="DELIVERED").status_code == 303
    else:
        assert visitor.post(link, {"action": action}).status_code == 200


@pytest.mark.parametrize("action", ACTIONS)
def test_no_earlier_mail_signs_afterwards_and_nothing_of_it_stays(
    petition: Petition, visitor: Client, mailbox: Mailbox, action: str
) -> None:
    link = link_of(visitor, petition, mailbox)
    factories.make_signature(petition, address=ADDRESS, visibility="PUBLIC")
    for name in ("Earlier Wish", "Another Wish"):
        factories.sign(visitor, petition, email=ADDRESS, visibility="PUBLIC", name=name)
    codes = [code_in(mail) for mail in mailbox.deliver()]
    factories.sign(visitor, petition, email=ADDRESS, visibility="PUBLIC", name="Queued Wish")
    factories.sign(visitor, petition, email="b@example.org")
    press(visitor, action, code=codes[0], link=link)
    assert traces_of(b"gAAAAA") != []  # of the other address
    stranger = Attempt.objects.get(confirmed_at=None)
    assert stranger.email_keys is not None
    assert OutgoingMail.objects.get().attempt_id == stranger.pk
    before = counted(petition), list(Signature.objects.values())
    assert factories.confirm(visitor, codes[1]).status_code == 404
    assert visitor.get(f"/en/confirm/{codes[1]}/").status_code == 404
    assert (counted(petition), list(Signature.objects.values())) == before
    assert compare_tally(petition) == {}


def test_what_is_spent_unconfirmed_has_expired_by_its_dimensions(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.sign(visitor, petition, email=ADDRESS, country="BY", visibility="DELIVERED")
    code = code_in(mailbox.deliver()[0])
    for country, visibility in (("PL", "PUBLIC"), ("PL", "PUBLIC"), ("LT", "COUNTED")):
        factories.sign(visitor, petition, email=ADDRESS, country=country, visibility=visibility)
    before = tally_rows()
    factories.confirm(visitor, code, visibility="DELIVERED")
    assert that_count(written_since(before)) == [
        ("CONFIRMED", "", "WEB", "BY", "en", "DELIVERED", 1),
        ("EXPIRED", "", "WEB", "LT", "en", "COUNTED", 1),
        ("EXPIRED", "", "WEB", "PL", "en", "PUBLIC", 2),
    ]
    fold_tallies()
    amounts = dict(query("SELECT kind, sum(amount)::int FROM signatures_hourtally GROUP BY kind"))
    assert amounts == {"SUBMITTED": 4, "CONFIRMED": 1, "EXPIRED": 3}


@pytest.mark.parametrize("action", ["COUNTED", "WITHDRAW"])
def test_lowering_and_withdrawing_let_attempts_expire_whether_or_not_there_is_a_signature(
    petition: Petition, visitor: Client, mailbox: Mailbox, action: str
) -> None:
    link = link_of(visitor, petition, mailbox)
    factories.sign(visitor, petition, email=ADDRESS, country="PL", visibility="PUBLIC")
    before = tally_rows()
    visitor.post(link, {"action": action})
    assert that_count(written_since(before)) == [("EXPIRED", "", "WEB", "PL", "en", "PUBLIC", 1)]
    assert not Attempt.objects.exists()


def test_withdrawing_takes_links_along_that_still_wait_and_lowering_leaves_them(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    link = link_of(visitor, petition, mailbox)
    for address in (ADDRESS, "b@example.org"):
        visitor.post(page_of(petition, "my_signature_request"), {"email": address})
    visitor.post(link, {"action": "COUNTED"})
    assert OutgoingMail.objects.filter(kind=MailKind.MY_SIGNATURE).count() == 2
    visitor.post(link, {"action": "WITHDRAW"})
    (mail,) = mailbox.deliver()
    assert mail["To"] == "b@example.org"


def test_withdrawing_takes_links_along_that_were_asked_for_before_a_new_secret(
    petition: Petition, visitor: Client, mailbox: Mailbox, settings: Settings
) -> None:
    old, new = "an-old-secret-" + "o" * 40, "a-newer-secret-" + "n" * 40
    settings.EMAIL_KEY_SECRETS = {1: old}
    visitor.post(page_of(petition, "my_signature_request"), {"email": ADDRESS})
    settings.EMAIL_KEY_SECRETS = {2: new, 1: old}
    withdraw_signature(subject=subject_of(petition))
    assert not OutgoingMail.objects.exists()
    assert mailbox.deliver() == []


def test_what_waits_in_another_petition_is_not_touched(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    other = factories.make_petition()
    for one in (petition, other):
        factories.sign(visitor, one, email=ADDRESS)
    first, second = (code_in(mail) for mail in mailbox.deliver())
    assert factories.confirm(visitor, first).status_code == 303
    assert factories.confirm(visitor, second).status_code == 303
    assert (counted(petition), counted(other)) == ("1", "1")


def test_attempts_from_before_a_new_secret_are_found_too(
    petition: Petition, visitor: Client, mailbox: Mailbox, settings: Settings
) -> None:
    old, new = "an-old-secret-" + "o" * 40, "a-newer-secret-" + "n" * 40
    settings.EMAIL_KEY_SECRETS = {1: old}
    factories.sign(visitor, petition, email=ADDRESS)
    settings.EMAIL_KEY_SECRETS = {2: new, 1: old}
    factories.sign(visitor, petition, email=ADDRESS)
    earlier, later = (code_in(mail) for mail in mailbox.deliver())
    assert factories.confirm(visitor, later).status_code == 303
    assert factories.confirm(visitor, earlier).status_code == 404


def test_an_attempt_that_runs_out_after_it_was_looked_up_is_not_confirmed(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.sign(visitor, petition, email=ADDRESS)
    attempt = attempt_of(code_in(mailbox.deliver()[0]))
    confirmation = confirmation_of(attempt, Visibility.DELIVERED, None)
    let_attempts_grow_old(timedelta(days=7))
    assert not store_confirmation(confirmation)
    assert not Signature.objects.exists()
    assert Attempt.objects.get().confirmed_at is None


def test_a_second_press_of_the_button_gets_the_same_answer_and_changes_nothing(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.sign(visitor, petition, email=ADDRESS)
    code = code_in(mailbox.deliver()[0])
    first = factories.answer_facts(factories.confirm(visitor, code))
    factories.sign(visitor, petition, email=ADDRESS)
    before = tally_rows()
    assert factories.answer_facts(factories.confirm(visitor, code)) == first
    assert tally_rows() == before
    assert Attempt.objects.filter(confirmed_at=None).count() == 1
