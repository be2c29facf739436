"""Reasons for signing are read by fifties: shown beside their names, or erased after a question."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from signatures.models import AuditEntry, Petition, Signature
from signatures.models.choices import SignatureState, StateReason
from tests.support import factories
from tests.support.page_reading import page_of, read, words
from tests.support.reviews import decide_on, log_of, press, reasons_path, seen_on, sent

pytestmark = pytest.mark.django_db


def with_reasons(petition: Petition, *reasons: str, **values: Any) -> list[Signature]:
    """Store public signatures with reasons that nobody has read."""
    return [factories.make_signature(petition, visibility="PUBLIC", reason=reason, **values) for reason in reasons]


def reasons_of(petition: Petition) -> list[tuple[str | None, bool]]:
    """Return each reason and whether it is shown."""
    return list(petition.signatures.order_by("pk").values_list("reason", "reason_approved"))


def carried_on(page: str) -> dict[str, str]:
    """Return the form of a page that asks before it erases."""
    return dict(re.findall(r'name="((?:seen|choice)-\d+|sure|last)"\s+value="(\w+)"', page))


def test_reasons_are_shown_at_once_and_taken_back_at_once(ordinary: Petition, moderator: Client) -> None:
    rows = with_reasons(ordinary, "For all\nof us", "For my brother", "Later")
    page = words(read(moderator, reasons_path(ordinary)))
    assert "Waiting: 3." in page
    assert "of us Signer" in page
    answer = decide_on(moderator, ordinary, dict.fromkeys(rows[:2], "SHOW"), of="reasons")
    assert "2 reasons are shown beside the names now. Undo" in words(answer)
    assert "For my brother" in read(Client(), page_of(ordinary, "signers"))
    assert log_of(ordinary)[-2:] == [("NAMES_VIEWED", 3), ("REASON_APPROVED", 2)]
    undo = re.findall(r'name="undo" value="(\d+)"', answer.content.decode())
    assert "2 decisions are taken back" in words(press(moderator, reasons_path(ordinary), {"undo": undo}))
    assert [is_shown for _reason, is_shown in reasons_of(ordinary)] == [False] * 3
    assert "brother" not in read(Client(), page_of(ordinary, "signers"))
    assert "brother" not in str(list(AuditEntry.objects.values()))


def test_erasing_asks_first_and_then_carries_out_all_that_was_decided(ordinary: Petition, moderator: Client) -> None:
    bad, good, later = with_reasons(ordinary, "Call him names", "For all", "Later")
    asked = decide_on(moderator, ordinary, {bad: "ERASE", good: "SHOW", later: "LATER"}, of="reasons")
    page = words(asked)
    assert "This will be gone for good, and cannot be undone: Call him names" in page
    assert "For all" not in page
    before = [("Call him names", False), ("For all", False), ("Later", False)]
    assert reasons_of(ordinary) == before, "asking changes nothing"
    done = words(press(moderator, reasons_path(ordinary), carried_on(asked.content.decode())))
    assert "1 reason is shown beside the name now. 1 reason is erased. Undo" in done
    assert reasons_of(ordinary) == [(None, False), ("For all", True), ("Later", False)]
    assert ordinary.signatures.confirmed().count() == 3
    assert ("REASON_ERASED", 1) in log_of(ordinary)


def test_a_reason_that_changed_while_it_was_asked_about_stays(ordinary: Petition, moderator: Client) -> None:
    (one,) = with_reasons(ordinary, "First")
    form = sent(moderator, ordinary, {one: "ERASE"}, of="reasons")
    asked = press(moderator, reasons_path(ordinary), form)
    Signature.objects.update(reason="Second")
    late = words(press(moderator, reasons_path(ordinary), carried_on(asked.content.decode())))
    assert "1 was left as it is: its signer, or another of you, changed it while you read." in late
    # Nobody is asked about what would not be erased.
    assert "1 was left as it is" in words(press(moderator, reasons_path(ordinary), form))
    assert reasons_of(ordinary) == [("Second", False)]


def test_what_another_organiser_has_shown_is_not_erased_by_an_old_page(ordinary: Petition, moderator: Client) -> None:
    (one,) = with_reasons(ordinary, "First")
    form = sent(moderator, ordinary, {one: "ERASE"}, of="reasons") | {"sure": "on"}
    decide_on(moderator, ordinary, {one: "SHOW"}, of="reasons")
    assert "1 was left as it is" in words(press(moderator, reasons_path(ordinary), form))
    assert reasons_of(ordinary) == [("First", True)]


def test_the_button_for_the_rest_shows_what_is_left(ordinary: Petition, moderator: Client) -> None:
    rows = with_reasons(ordinary, "First", "Second", "Third")
    decide_on(moderator, ordinary, {rows[1]: "LATER"}, of="reasons", rest="SHOW")
    assert [is_shown for _reason, is_shown in reasons_of(ordinary)] == [True, False, True]


def test_reasons_of_signatures_that_do_not_count_are_not_read_yet(ordinary: Petition, moderator: Client) -> None:
    with_reasons(ordinary, "Spam", state=SignatureState.HELD, state_reason=StateReason.SUSPICIOUS)
    with_reasons(ordinary, *(f"Reason {number}" for number in range(51)))
    page = read(moderator, reasons_path(ordinary))
    assert "Spam" not in page
    assert len(seen_on(page)) == 50


def test_a_reason_beside_a_name_that_waits_is_said_not_to_show_yet(ordinary: Petition, moderator: Client) -> None:
    waiting, hidden = with_reasons(ordinary, "First", "Second")
    Signature.objects.filter(pk=waiting.pk).update(name_review="WAITING")
    Signature.objects.filter(pk=hidden.pk).update(name_review="HIDDEN")
    page = words(read(moderator, reasons_path(ordinary)))
    assert "The name beside it waits, too: it shows once both are allowed." in page
    assert "The name beside it is hidden, so that it does not show either." in page
    decide_on(moderator, ordinary, {waiting: "SHOW", hidden: "SHOW"}, of="reasons")
    listed = read(Client(), page_of(ordinary, "signers"))
    assert "First" not in listed
    assert "Second" not in listed
