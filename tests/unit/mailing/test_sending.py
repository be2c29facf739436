"""Processing the outbox, whatever is wrong with a single mail."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest
from pytest_django import Settings

from signatures.mailing.sending import Outcome, send_batch
from signatures.mailing.transports import FolderTransport
from signatures.models import OutgoingMail, Petition
from signatures.safeguarding.encryption import encrypt
from signatures.signing.my_signature import request_my_signature
from tests.support.database import let_mails_grow_old
from tests.support.environment import FERNET_KEY
from tests.support.mailbox import Mailbox


def ask(petition: Petition, amount: int) -> None:
    """Queue mails to this many addresses."""
    for number in range(amount):
        request_my_signature(petition=petition, language="en", address=f"{number}@example.org", sender="000")


def test_a_mail_is_deleted_only_after_it_was_accepted(petition: Petition, mailbox: Mailbox) -> None:
    ask(petition, 3)
    assert send_batch(mailbox.transport) == Outcome(sent=3)
    assert OutgoingMail.objects.count() == 0
    assert len(mailbox.messages()) == 3


def test_the_rest_of_a_batch_is_returned_to_the_queue_when_the_worker_must_stop(
    petition: Petition, mailbox: Mailbox
) -> None:
    ask(petition, 5)
    asked = iter([False, False, True])
    assert send_batch(mailbox.transport, should_stop=lambda: next(asked)) == Outcome(sent=2)
    assert OutgoingMail.objects.count() == 3
    assert not OutgoingMail.objects.exclude(claimed_until=None).exists()
    assert send_batch(mailbox.transport) == Outcome(sent=3)


@pytest.mark.parametrize("column", ["address_encrypted", "secret_encrypted"])
def test_a_mail_that_cannot_be_rendered_does_not_stop_the_others(
    petition: Petition, mailbox: Mailbox, caplog: pytest.LogCaptureFixture, column: str
) -> None:
    ask(petition, 3)
    broken = OutgoingMail.objects.order_by("id")[0]
    OutgoingMail.objects.filter(pk=broken.pk).update(**{column: b"not ours"})
    assert send_batch(mailbox.transport) == Outcome(sent=2, postponed=1)
    assert OutgoingMail.objects.get().attempts_made == 1
    assert "A mail could not be made (InvalidToken)." in caplog.text
    assert "example.org" not in caplog.text


def test_a_full_disk_is_retried(petition: Petition, mailbox: Mailbox) -> None:
    class Full(FolderTransport):
        def send(self, message: EmailMessage) -> None:
            """Fail as a full disk does."""
            raise OSError(28, "No space left on device")

    ask(petition, 1)
    assert send_batch(Full(mailbox.transport.folder)) == Outcome(postponed=1)
    let_mails_grow_old(timedelta(minutes=2))
    assert send_batch(mailbox.transport) == Outcome(sent=1)


def test_a_mail_queued_under_an_older_key_is_sent(petition: Petition, mailbox: Mailbox, settings: Settings) -> None:
    ask(petition, 1)
    settings.ENCRYPTION_KEYS = [FERNET_KEY.format("f"), *settings.ENCRYPTION_KEYS]
    OutgoingMail.objects.update(address_encrypted=encrypt("0@example.org"))
    assert send_batch(mailbox.transport) == Outcome(sent=1)
