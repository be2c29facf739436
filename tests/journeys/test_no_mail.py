"""Asking for no more mails: the link in each mail, and what it stops."""

from __future__ import annotations

from typing import cast

import pytest
from django.http import HttpResponse
from django.test import Client

from signatures.models import OutgoingMail, Petition, Signature, Suppression
from tests.support import factories
from tests.support.database import rows_per_table, rows_written
from tests.support.mailbox import Mailbox, code_in, paths_in
from tests.support.page_reading import in_language, page_of, read, words

LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
ADDRESS = "tired@example.org"


def stop_mails(client: Client, petition: Petition, mailbox: Mailbox, language: str = "en") -> str:
    """Follow the link that stops mails from a mail of either kind, press the button, and return the link."""
    factories.sign(client, petition, language, email=ADDRESS)
    stop = paths_in(mailbox.deliver()[0])[1]
    assert client.post(stop).status_code == 200
    return stop


@LANGUAGES
def test_reading_shows_a_button_and_pressing_it_stops_mails(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    factories.sign(visitor, petition, language, email=ADDRESS)
    stop = paths_in(mailbox.deliver()[0])[1]
    before = rows_per_table()
    page = words(read(visitor, stop))
    assert in_language("Shall we send no more mails to this address?", language) in page
    assert ADDRESS not in page
    assert visitor.head(stop).status_code == 200
    assert rows_written(before) == {}
    for _ in range(2):
        answer = cast("HttpResponse", visitor.post(stop))
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
        assert in_language("Done. This address gets no more confirmation mails from us.", language) in words(answer)
    assert Suppression.objects.count() == 1


def test_no_confirmation_mail_is_sent_any_more_and_nothing_shows_it(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    before = factories.sign(visitor, petition, email=ADDRESS)
    mailbox.deliver()
    stop_mails(visitor, petition, mailbox)
    for address in (ADDRESS, ADDRESS.upper()):
        after = factories.sign(visitor, petition, email=address)
        assert factories.answer_facts(after) == factories.answer_facts(before)
    assert mailbox.deliver() == []
    assert OutgoingMail.objects.count() == 0
    factories.sign(visitor, factories.make_petition(), email=ADDRESS)
    assert mailbox.deliver() == []


def test_few_my_signature_mails_are_still_sent(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    stop_mails(visitor, petition, mailbox)
    for _ in range(4):
        visitor.post(page_of(petition, "my_signature_request"), {"email": ADDRESS})
    sent = len(mailbox.deliver())
    assert 1 <= sent <= 3
    assert OutgoingMail.objects.count() == 4 - sent


def test_a_my_signature_mail_has_the_same_link(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    visitor.post(page_of(petition, "my_signature_request"), {"email": ADDRESS})
    visitor.post(paths_in(mailbox.deliver()[0])[1])
    factories.sign(visitor, petition, email=ADDRESS)
    assert mailbox.deliver() == []


def test_nobody_else_is_affected(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    stop_mails(visitor, petition, mailbox)
    factories.sign(visitor, petition, email="other@example.org")
    assert len(mailbox.deliver()) == 1


def test_a_code_that_was_sent_before_still_works(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    factories.sign(visitor, petition, email=ADDRESS)
    (mail,) = mailbox.deliver()
    visitor.post(paths_in(mail)[1])
    assert factories.confirm(visitor, code_in(mail)).status_code == 303
    assert Signature.objects.count() == 1


def test_a_mail_that_waits_when_mails_are_stopped_is_not_sent(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.sign(visitor, petition, email=ADDRESS)
    stop = paths_in(mailbox.deliver()[0])[1]
    factories.sign(visitor, petition, email=ADDRESS)
    visitor.post(stop)
    assert mailbox.deliver() == []
    assert OutgoingMail.objects.count() == 0
