"""Which mails are sent: the newest of each kind per petition, three a day, and none that was asked to stop."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.test import Client

from signatures.mailing.claiming import CLAIM_LIFETIME, claim_batch, delete_old_counts, give_back
from signatures.mailing.sending import Outcome, send_batch
from signatures.mailing.transports import NotNowError, RefusedForGoodError
from signatures.models import MailCount, OutgoingMail, Petition
from signatures.models.choices import MailKind
from signatures.safeguarding import keys
from signatures.signing.my_signature import request_my_signature, suppress_mails
from tests import factories
from tests.database import at_once, let_mails_grow_old, query
from tests.mailbox import Mailbox, code_in

ADDRESS = "a@example.org"


class Unwilling:
    """A way to a mail server that does not take what it is given."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def send(self, message: EmailMessage) -> None:
        """Refuse the mail."""
        raise self.error

    def close(self) -> None:
        """Do nothing."""


def sign(petition: Petition, address: str = ADDRESS) -> None:
    """Queue a confirmation mail."""
    assert factories.sign(Client(), petition, email=address).status_code == 303


def ask(petition: Petition, address: str = ADDRESS) -> None:
    """Queue a my-signature mail."""
    request_my_signature(petition=petition, language="en", address=address)


def counts() -> dict[str, int]:
    """Return today's mail counts by kind."""
    return dict(MailCount.objects.values_list("kind", "amount"))


def test_of_several_that_wait_the_newest_of_each_kind_and_petition_is_sent(
    petition: Petition, mailbox: Mailbox
) -> None:
    other = factories.make_petition()
    for _ in range(3):
        sign(petition)
        ask(petition)
    sign(other)
    sign(petition, "b@example.org")
    newest = {
        OutgoingMail.objects.filter(petition=petition, kind=MailKind.CONFIRM).order_by("-id")[1].pk,
        OutgoingMail.objects.filter(petition=petition, kind=MailKind.MY_SIGNATURE).latest("id").pk,
        *OutgoingMail.objects.order_by("-id").values_list("pk", flat=True)[:2],
    }
    rows, dropped = claim_batch()
    assert {row.pk for row in rows} == newest
    assert dropped == 4
    assert set(OutgoingMail.objects.values_list("pk", flat=True)) == newest


def test_three_mails_of_each_kind_are_sent_a_day(petition: Petition, mailbox: Mailbox) -> None:
    for expected in (2, 2, 2, 0, 0):
        sign(petition)
        ask(petition)
        assert len(mailbox.deliver()) == expected
        assert OutgoingMail.objects.count() == 0
    assert counts() == {"CONFIRM": 3, "MY_SIGNATURE": 3}


def test_the_limit_counts_all_petitions_and_spellings_of_an_address_together(
    petition: Petition, mailbox: Mailbox
) -> None:
    for address in ("some.body@gmail.com", "somebody+1@gmail.com", "SOMEBODY@googlemail.com"):
        sign(factories.make_petition(), address)
        assert len(mailbox.deliver()) == 1
    sign(petition, "somebody@gmail.com")
    assert mailbox.deliver() == []
    sign(petition, "another@gmail.com")
    assert len(mailbox.deliver()) == 1


def test_the_next_day_begins_with_nothing_counted(petition: Petition, mailbox: Mailbox) -> None:
    for _ in range(4):
        sign(petition)
        mailbox.deliver()
    MailCount.objects.update(day=query("SELECT (now() AT TIME ZONE 'UTC')::date - 1")[0][0])
    sign(petition)
    assert len(mailbox.deliver()) == 1


def test_the_attempt_of_a_mail_that_was_not_sent_can_be_told_from_none_by_nobody(
    petition: Petition, mailbox: Mailbox
) -> None:
    for _ in range(3):
        sign(petition)
    (mail,) = mailbox.deliver()
    assert factories.confirm(Client(), code_in(mail)).status_code == 303


def test_a_mail_that_could_not_leave_takes_no_place_of_a_later_one(petition: Petition, mailbox: Mailbox) -> None:
    for _ in range(5):
        sign(petition)
        assert send_batch(Unwilling(NotNowError())) == Outcome(postponed=1, dropped=0)
    assert counts() == {"CONFIRM": 0}
    sign(petition)
    let_mails_grow_old(timedelta(hours=3))
    assert len(mailbox.deliver()) == 1
    assert OutgoingMail.objects.count() == 0


def test_a_mail_that_the_server_will_never_take_is_counted_so_that_nobody_can_knock_for_ever(
    petition: Petition,
) -> None:
    for _ in range(3):
        sign(petition)
        assert send_batch(Unwilling(RefusedForGoodError())) == Outcome(dropped=1)
    assert counts() == {"CONFIRM": 3}


def test_a_retried_mail_is_counted_once(petition: Petition, mailbox: Mailbox) -> None:
    sign(petition)
    for _ in range(4):
        send_batch(Unwilling(NotNowError()))
        let_mails_grow_old(timedelta(hours=3))
    assert len(mailbox.deliver()) == 1
    assert counts() == {"CONFIRM": 1}


def test_suppression_stops_confirmations_and_leaves_one_my_signature_mail(petition: Petition, mailbox: Mailbox) -> None:
    suppress_mails(mail_key=keys.mail_key(ADDRESS))
    for expected in (1, 0):
        sign(petition)
        ask(petition)
        assert len(mailbox.deliver()) == expected
    assert counts() == {"MY_SIGNATURE": 1}


def test_a_claimed_mail_is_left_alone_until_its_worker_is_surely_dead(petition: Petition) -> None:
    sign(petition)
    rows, _ = claim_batch()
    assert len(rows) == 1
    assert claim_batch() == ([], 0)
    let_mails_grow_old(CLAIM_LIFETIME - timedelta(seconds=5))
    assert claim_batch() == ([], 0)
    let_mails_grow_old(timedelta(seconds=10))
    assert [row.pk for row in claim_batch()[0]] == [row.pk for row in rows]
    # It may have left, and is not counted twice.
    assert counts() == {"CONFIRM": 1}


def test_what_is_given_back_can_be_claimed_at_once_and_is_not_counted(petition: Petition) -> None:
    sign(petition)
    rows, _ = claim_batch()
    assert counts() == {"CONFIRM": 1}
    give_back(rows)
    assert counts() == {"CONFIRM": 0}
    assert [row.pk for row in claim_batch()[0]] == [row.pk for row in rows]
    assert counts() == {"CONFIRM": 1}


def test_counts_of_days_that_are_over_are_deleted(petition: Petition, mailbox: Mailbox) -> None:
    sign(petition)
    mailbox.deliver()
    for age, deleted in ((0, 0), (1, 0), (3, 1)):
        query("UPDATE signatures_mailcount SET day = (now() AT TIME ZONE 'UTC')::date - %s", [age])
        assert delete_old_counts() == deleted


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_share_the_mails() -> None:
    petition = factories.make_petition()
    for number in range(120):
        request_my_signature(petition=petition, language="en", address=f"{number}@example.org")
    claims = at_once(*[claim_batch] * 4)
    claimed = [row.pk for rows, _ in claims for row in rows]
    assert len(claimed) == len(set(claimed)) == 120
    assert sum(dropped for _, dropped in claims) == 0


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_do_not_pass_the_days_limit_together() -> None:
    petitions = [factories.make_petition() for _ in range(12)]
    for petition in petitions:
        request_my_signature(petition=petition, language="en", address=ADDRESS)
    query("UPDATE signatures_outgoingmail SET next_attempt_at = now() + interval '1 day'")
    ids = list(OutgoingMail.objects.order_by("id").values_list("pk", flat=True))

    def claim(mine: list[int]) -> int:
        OutgoingMail.objects.filter(pk__in=mine).update(next_attempt_at="2011-01-01T00:00:00Z")
        return len(claim_batch()[0])

    claimed = at_once(*[lambda mine=ids[n::4]: claim(mine) for n in range(4)])
    assert sum(claimed) == 3
    assert counts() == {"MY_SIGNATURE": 3}
