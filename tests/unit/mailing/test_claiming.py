"""Which mails are sent and which are postponed: none displaces another, and suppressed addresses get none."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from pytest_django import Settings

from signatures.mailing.claiming import CLAIM_LIFETIME, Claim, claim_batch, delete_old_counts, give_back
from signatures.mailing.relaying import pause_after
from signatures.mailing.replies import Concern, RefusedError, Stage, Verdict
from signatures.mailing.sending import Outcome, send_batch
from signatures.models import MailCount, OutgoingMail, Petition
from signatures.models.choices import MailKind
from signatures.models.relay import RelayFault, relay_key
from signatures.safeguarding import keys
from signatures.signing.my_signature import request_my_signature, suppress_mails
from tests.support import factories
from tests.support.database import at_once, let_mails_grow_old, query
from tests.support.mail_counts import ADDRESS, drawn_limit, highest_count
from tests.support.mailbox import Mailbox, code_in


class Unwilling:
    """A transport to a mail server that refuses every mail."""

    speaks_utf8: bool | None = None

    def __init__(self, error: Exception) -> None:
        self.error = error

    def send(self, message: EmailMessage) -> None:
        """Refuse the mail."""
        raise self.error

    def greet(self) -> None:
        """Accept every connection."""

    def close(self) -> None:
        """Do nothing."""


def refusing(concern: Concern, fault: RelayFault | None = None) -> Unwilling:
    """Return a transport to a mail server that refuses every recipient."""
    return Unwilling(RefusedError(Verdict(Stage.RCPT, concern, fault)))


def sign(petition: Petition, address: str = ADDRESS) -> None:
    """Queue a confirmation mail."""
    assert factories.sign(Client(), petition, email=address).status_code == 303


def ask(petition: Petition, address: str = ADDRESS) -> None:
    """Queue a my-signature mail."""
    request_my_signature(petition=petition, language="en", address=address, sender="000")


def test_no_queued_mail_is_replaced_by_a_later_one(petition: Petition, mailbox: Mailbox) -> None:
    for _ in range(3):
        sign(petition)
        ask(petition)
    claim = claim_batch()
    assert len(claim.rows) == OutgoingMail.objects.count() == 6
    assert (claim.dropped, claim.postponed) == (0, 0)


def test_each_of_two_queued_mails_to_one_address_confirms_its_own_attempt(petition: Petition, mailbox: Mailbox) -> None:
    for name in ("Anna First", "Berta Second"):
        factories.sign(Client(), petition, email=ADDRESS, name=name)
    codes = [code_in(mail) for mail in mailbox.deliver()]
    pages = [Client().get(f"/en/confirm/{code}/").content.decode() for code in codes]
    assert ["Anna First" in page for page in pages] == [True, False]
    assert ["Berta Second" in page for page in pages] == [False, True]


def test_counting_starts_from_zero_on_the_next_day(petition: Petition, mailbox: Mailbox) -> None:
    for _ in range(drawn_limit(petition)):
        sign(petition)
    mailbox.deliver()
    # The effect of a new day on the keys.
    query("UPDATE signatures_mailcount SET key = sha256(key)")
    sign(petition)
    assert len(mailbox.deliver()) == 1


def test_an_unsent_mail_does_not_use_up_the_limit_of_a_later_one(petition: Petition, mailbox: Mailbox) -> None:
    for _ in range(12):
        sign(petition)
        assert send_batch(refusing(Concern.NOW)) == Outcome(postponed=1)
    assert highest_count() == 0
    let_mails_grow_old(timedelta(hours=3))
    assert len(mailbox.deliver()) == drawn_limit(petition)


def test_a_permanently_refused_mail_is_counted_to_limit_attempts(
    petition: Petition,
) -> None:
    query("INSERT INTO signatures_relay (key, taken_at) VALUES (%s, now())", [relay_key()])
    for _ in range(3):
        sign(petition)
        assert send_batch(refusing(Concern.MAILBOX)) == Outcome(dropped=1)
    assert highest_count() == 3


@pytest.mark.parametrize("fault", [RelayFault.QUOTA, RelayFault.SENDER, RelayFault.UNCLEAR])
def test_a_mail_refused_through_our_fault_is_not_counted(
    petition: Petition, mailbox: Mailbox, fault: RelayFault
) -> None:
    for _ in range(12):
        sign(petition)
        assert send_batch(refusing(Concern.US, fault)).sent == 0
        query("UPDATE signatures_relay SET retry_at = now()")
    assert highest_count() == 0
    let_mails_grow_old(timedelta(hours=3))
    assert len(mailbox.deliver()) == drawn_limit(petition)


def test_a_retried_mail_is_counted_once(petition: Petition, mailbox: Mailbox) -> None:
    sign(petition)
    for _ in range(4):
        send_batch(refusing(Concern.NOW))
        let_mails_grow_old(timedelta(hours=3))
    assert len(mailbox.deliver()) == 1
    assert highest_count() == 1


def test_a_mail_whose_key_is_lost_waits_without_blocking_others(
    petition: Petition, mailbox: Mailbox, settings: Settings
) -> None:
    sign(petition)
    used = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    sign(petition, "b@example.org")
    (mail,) = mailbox.deliver()
    assert mail["To"] == "b@example.org"
    settings.ENCRYPTION_KEYS = used
    let_mails_grow_old(timedelta(hours=3))
    (mail,) = mailbox.deliver()
    assert mail["To"] == ADDRESS


def test_suppression_stops_confirmations_and_leaves_few_my_signature_mails(
    petition: Petition, mailbox: Mailbox
) -> None:
    suppress_mails(mail_key=keys.mail_key(ADDRESS))
    sign(petition)
    assert claim_batch() == Claim([], dropped=1)
    for _ in range(4):
        ask(petition)
    sent = len(mailbox.deliver())
    assert sent == drawn_limit(petition, MailKind.MY_SIGNATURE, sender="000", is_quiet=True)
    assert 1 <= sent <= 3
    assert OutgoingMail.objects.count() == 4 - sent


@pytest.mark.parametrize("asked", ["a@example.org", "a+1@example.org", "A+2@EXAMPLE.org"])
def test_a_suppressed_address_gets_no_mails_under_any_tag(petition: Petition, mailbox: Mailbox, asked: str) -> None:
    suppress_mails(mail_key=keys.mail_key("a+first@example.org"))
    sign(petition, asked)
    assert mailbox.deliver() == []


def test_suppression_does_not_affect_an_address_that_differs_by_a_dot(petition: Petition, mailbox: Mailbox) -> None:
    suppress_mails(mail_key=keys.mail_key("annasmith@outlook.com"))
    sign(petition, "anna.smith@outlook.com")
    assert len(mailbox.deliver()) == 1


def test_suppressions_from_before_tags_were_cut_still_apply(petition: Petition, mailbox: Mailbox) -> None:
    earlier = keys.mail_keys("a+1@example.org")[1]
    assert earlier != keys.mail_key("a+1@example.org")
    suppress_mails(mail_key=earlier)
    sign(petition, "a+1@example.org")
    assert mailbox.deliver() == []
    sign(petition, "a@example.org")
    assert len(mailbox.deliver()) == 1


def test_a_claimed_mail_is_not_reclaimed_until_its_worker_is_surely_dead(petition: Petition) -> None:
    sign(petition)
    claim = claim_batch()
    assert len(claim.rows) == 1
    assert claim_batch() == Claim([])
    let_mails_grow_old(CLAIM_LIFETIME - timedelta(seconds=5))
    assert claim_batch() == Claim([])
    let_mails_grow_old(timedelta(seconds=10))
    assert [row.pk for row in claim_batch().rows] == [row.pk for row in claim.rows]
    # It may have been sent, and is not counted twice.
    assert highest_count() == 1


def test_a_returned_mail_can_be_claimed_at_once_and_is_not_counted(petition: Petition) -> None:
    sign(petition)
    rows = claim_batch().rows
    assert highest_count() == 1
    give_back(rows)
    assert highest_count() == 0
    assert [row.pk for row in claim_batch().rows] == [row.pk for row in rows]
    assert highest_count() == 1


def test_counts_of_past_windows_are_deleted(petition: Petition, mailbox: Mailbox) -> None:
    sign(petition)
    mailbox.deliver()
    assert delete_old_counts() == 0
    amount = MailCount.objects.count()
    assert amount > 0
    query("UPDATE signatures_mailcount SET ends_at = now() - interval '5 minutes'")
    assert delete_old_counts() == amount


@pytest.mark.django_db(transaction=True)
def test_concurrent_workers_share_the_mails() -> None:
    petition = factories.make_petition()
    for number in range(120):
        ask(petition, f"{number}@example.org")
    claims = at_once(*[claim_batch] * 4)
    claimed = [row.pk for claim in claims for row in claim.rows]
    assert len(claimed) == len(set(claimed)) == 120
    assert sum(claim.dropped + claim.postponed for claim in claims) == 0


@pytest.mark.django_db(transaction=True)
def test_concurrent_workers_do_not_exceed_a_limit_together() -> None:
    petition = factories.make_petition()
    for _ in range(12):
        ask(petition)
    query("UPDATE signatures_outgoingmail SET next_attempt_at = now() + interval '1 day'")
    ids = list(OutgoingMail.objects.order_by("id").values_list("pk", flat=True))

    def claim(mine: list[int]) -> int:
        OutgoingMail.objects.filter(pk__in=mine).update(next_attempt_at="2011-01-01T00:00:00Z")
        return len(claim_batch().rows)

    claimed = at_once(*[lambda mine=ids[n::4]: claim(mine) for n in range(4)])
    assert sum(claimed) == drawn_limit(petition, MailKind.MY_SIGNATURE, sender="000")


@pytest.mark.django_db(transaction=True)
def test_workers_that_count_and_return_the_same_mailboxes_do_not_deadlock() -> None:
    petition = factories.make_petition()
    for number in range(160):
        ask(petition, f"{number % 8}@example.org")

    def work() -> int:
        done = 0
        for _ in range(6):
            claim = claim_batch()
            give_back(claim.rows)
            done += len(claim.rows)
        return done

    assert sum(at_once(*[work] * 4)) > 0
    assert highest_count() == 0


def test_a_pause_that_another_worker_has_just_ended_is_restarted() -> None:
    assert [pause_after(pauses).total_seconds() for pauses in (0, 1, 2, 9, 10, 10_000)] == [1, 1, 2, 256, 300, 300]
