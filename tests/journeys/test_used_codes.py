"""A code that was used: only the page whose button was pressed gets the same answer again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from signatures import tokens
from signatures.models import Petition, Signature
from tests.support import factories
from tests.support.database import let_attempts_grow_old, rows_per_table, rows_written
from tests.support.mailbox import Mailbox, code_in
from tests.support.page_reading import field_value, read

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("press", ["", "another browser"])
def test_a_code_that_was_just_used_is_unknown_to_every_other_page(
    petition: Petition, visitor: Client, mailbox: Mailbox, press: str
) -> None:
    factories.sign(visitor, petition, visibility="PUBLIC")
    code = code_in(mailbox.deliver()[0])
    assert factories.confirm(visitor, code).status_code == 303
    unknown = factories.answer_facts(factories.confirm(Client(), tokens.new_code(), press=press))
    assert factories.answer_facts(factories.confirm(Client(), code, press=press)) == unknown
    assert unknown[0] == 404


def test_each_page_with_the_button_is_told_from_all_others(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.sign(visitor, petition, visibility="PUBLIC")
    code = code_in(mailbox.deliver()[0])
    path = reverse("confirm", kwargs={"language": "en", "code": code})
    mine, other = (field_value(read(Client(), path), "press") or "" for _ in range(2))
    assert len({mine, other}) == 2
    assert factories.confirm(visitor, code, press=mine).status_code == 303
    assert factories.confirm(visitor, code, press=other).status_code == 404
    assert factories.confirm(visitor, code, press=mine).status_code == 303


def test_for_a_minute_a_second_press_on_the_same_page_gets_the_same_answer_and_changes_nothing(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.sign(visitor, petition, visibility="PUBLIC")
    code = code_in(mailbox.deliver()[0])
    first = factories.confirm(visitor, code, visibility="PUBLIC", reason="First")
    before = rows_per_table(), list(Signature.objects.values())
    for form in ({"visibility": "PUBLIC", "reason": "Second"}, {"visibility": "COUNTED"}):
        again = factories.confirm(visitor, code, **form)
        assert factories.answer_facts(again) == factories.answer_facts(first)
    let_attempts_grow_old(timedelta(seconds=50))
    assert factories.answer_facts(factories.confirm(visitor, code)) == factories.answer_facts(first)
    assert rows_written(before[0]) == {}
    assert list(Signature.objects.values()) == before[1]
    let_attempts_grow_old(timedelta(seconds=20))
    assert factories.confirm(visitor, code).status_code == 404
