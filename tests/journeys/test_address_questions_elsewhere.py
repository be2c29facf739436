"""The question about an address on other forms than the petition, and after a form that was stopped or refused."""

from __future__ import annotations

from typing import cast

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client

from signatures.models import OutgoingMail, Petition
from signatures.safeguarding.addresses import canonical_address
from tests.support import factories
from tests.support.address_questions import MEANT, SLIP, answers_on, sent_to
from tests.support.mailbox import Mailbox
from tests.support.page_reading import field_value, in_language, page_of, words

LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
COUNTERS = "signatures_ratelimit"


@LANGUAGES
def test_asking_for_a_link_asks_the_same_way_and_says_nothing_of_signatures(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    path = page_of(petition, "my_signature_request", language)
    first = cast("HttpResponse", visitor.post(path, {"email": SLIP}))
    factories.make_signature(petition, address=canonical_address(SLIP))
    again = cast("HttpResponse", visitor.post(path, {"email": SLIP}))
    assert factories.answer_facts(first) == factories.answer_facts(again)
    assert answers_on(first) == [MEANT, SLIP]
    assert not OutgoingMail.objects.exists()
    sent = cast("HttpResponse", visitor.post(path, {"email": SLIP, "email_choice": MEANT}))
    assert in_language("Look into your mailbox.", language) in words(sent)
    assert sent_to(mailbox) == [MEANT]


def test_a_form_that_an_outage_stopped_remembers_the_answer(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    visitor.raise_request_exception = False

    def fail(*arguments: object) -> None:
        raise OperationalError

    sent = factories.sign_form(petition, email=SLIP, email_choice=SLIP)
    with connection.execute_wrapper(fail):
        stopped = cast("HttpResponse", visitor.post(page_of(petition), sent))
    assert stopped.status_code == 503
    assert field_value(stopped, "email_choice") == SLIP
    form = factories.sign_form(petition, email=SLIP, email_choice=field_value(stopped, "email_choice") or "")
    assert visitor.post(page_of(petition), form).status_code == 303
    assert sent_to(mailbox) == [SLIP]


@pytest.mark.parametrize("choice", [MEANT, SLIP])
def test_a_form_of_which_nobody_knows_whence_it_came_shows_the_answer_before_it_is_sent_again(
    petition: Petition, visitor: Client, mailbox: Mailbox, choice: str
) -> None:
    hidden = Client(enforce_csrf_checks=True, headers={"origin": "null"})
    refused = factories.sign(hidden, petition, email=SLIP, email_choice=choice)
    assert refused.status_code == 403
    assert choice in words(refused)
    assert field_value(refused, "email_choice") == choice
    assert factories.sign(visitor, petition, email=SLIP, email_choice=choice).status_code == 303
    assert sent_to(mailbox) == [choice]
