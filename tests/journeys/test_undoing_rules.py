"""A rule is stopped or undone: what goes back, and what has been decided since."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from signatures.counting.writing import Dimensions, Event, write_tally
from signatures.models import (
    AuditEntry,
    Batch,
    Petition,
    Signature,
)
from signatures.models.choices import StateReason, TallyKind
from signatures.moderating import batch_steps
from signatures.moderating.batches import drop_forgotten
from tests.support import factories
from tests.support.database import traces_of
from tests.support.mailbox import Mailbox
from tests.support.page_reading import read, words
from tests.support.reviews import public_names, sign_as
from tests.support.rule_numbers import audited, counts_right
from tests.support.rules import a_fake, as_they_are, make_crowd, path_of, press, preview, work

pytestmark = pytest.mark.django_db
HOLD = {"action": "HOLD", "reason": "SUSPICIOUS"}


def test_it_is_stopped_half_way_and_what_was_done_is_undone(
    petition: Petition, moderator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_steps, "ROWS_MAX", 10)
    make_crowd(petition, fakes=50, honest=10)
    before = as_they_are(petition)
    batch = preview(moderator, petition, like=str(a_fake(petition).pk))
    press(moderator, batch, "start", **HOLD)
    assert work(2) == 2
    answer = moderator.get(path_of(batch))
    assert answer["Refresh"] == "3"
    assert "Refresh" not in moderator.get(f"{path_of(batch)}?still=1")
    page = words(answer.content.decode())
    assert "20 signatures of 50 are changed." in page
    assert "Stop" in page
    press(moderator, batch, "cancel")
    work()
    counts_right(petition, 40)
    assert "20 signatures were changed." in words(read(moderator, path_of(batch)))
    press(moderator, batch, "undo")
    assert work(1) == 1
    assert "10 signatures of 20 are as before again." in words(read(moderator, path_of(batch)))
    work()
    counts_right(petition, 60)
    assert as_they_are(petition) == before
    assert [action for action, _, _ in audited()] == [
        "BATCH_STARTED",
        "BATCH_CANCELLED",
        "BATCH_STARTED",
        "BATCH_UNDONE",
    ]


def test_undoing_leaves_what_was_decided_or_withdrawn_since(petition: Petition, moderator: Client) -> None:
    make_crowd(petition, fakes=5, honest=0)
    batch = preview(moderator, petition)
    press(moderator, batch, "start", **HOLD)
    work()
    counted_again, removed, withdrawn, *_ = Signature.objects.order_by("pk")
    decide = "/admin/signatures/signature/{}/decide/"
    moderator.post(decide.format(counted_again.pk), {"action": "CONFIRMED"})
    moderator.post(decide.format(removed.pk), {"action": "REMOVED", "state_reason": "INVENTED"})
    withdrawn.delete()
    press(moderator, batch, "undo")
    work()
    page = words(read(moderator, path_of(batch)))
    assert "2 signatures are as before again." in page
    assert "3 were left as they are: somebody has decided on them again, or their signers have withdrawn them." in page
    removed.refresh_from_db()
    assert (removed.state, removed.state_reason) == ("REMOVED", "INVENTED")
    assert Signature.objects.confirmed().count() == 3
    assert "There is nothing to undo." in words(press(moderator, batch, "undo"))


def test_undoing_shows_no_name_that_was_hidden_since(ordinary: Petition, moderator: Client, mailbox: Mailbox) -> None:
    sign_as(ordinary, mailbox, "Anna")
    batch = preview(moderator, ordinary)
    press(moderator, batch, "start", action="HIDE_NAMES")
    work()
    Batch.objects.update(started_at=batch.made_at - timedelta(seconds=1))
    sign_as(ordinary, mailbox, "Zqother")
    Signature.objects.update(name_review="HIDDEN")
    press(moderator, batch, "undo")
    work()
    assert "Zqother" not in public_names(ordinary)


def test_undoing_holds_nobody_who_has_confirmed_properly_since(
    petition: Petition, moderator: Client, mailbox: Mailbox
) -> None:
    sign_as(petition, mailbox, "Anna")
    Signature.objects.update(state="HELD", state_reason=StateReason.HONEYPOT)
    write_tally(petition.pk, [Event(TallyKind.REMOVED, Dimensions.of(Signature.objects.get()))])
    batch = preview(moderator, petition)
    press(moderator, batch, "start", action="COUNT")
    work()
    Batch.objects.update(started_at=batch.made_at - timedelta(seconds=1))
    sign_as(petition, mailbox, "Anna")
    press(moderator, batch, "undo")
    work()
    counts_right(petition, 1)


@pytest.mark.parametrize("end", ["done", "cancelled", "dropped", "forgotten"])
def test_words_of_a_name_and_a_mark_are_gone_when_the_rule_is_over(
    petition: Petition, moderator: Client, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_crowd(petition, fakes=7, honest=0)
    for number in range(3):
        factories.make_signature(petition, name=f"Zqfake {number}", address=f"{number}@botnet.example")
    monkeypatch.setattr(batch_steps, "ROWS_MAX", 1)
    batch = preview(moderator, petition, name="Qzyzzyva", like=str(a_fake(petition).pk))
    press(moderator, batch, "cancel")
    batch = preview(moderator, petition, name="Zqfake", like=str(a_fake(petition).pk))
    assert "The name has words that begin with: Zqfake." in words(read(moderator, path_of(batch)))
    if end in {"done", "cancelled"}:
        press(moderator, batch, "start", **HOLD)
        work(1)
        if end == "cancelled":
            press(moderator, batch, "cancel")
        work()
        batch.refresh_from_db()
        assert (batch.name, batch.domain_key, batch.sample) == ("", None, [])
        page = words(read(moderator, path_of(batch)))
        assert "The name has certain words, which were erased when the rule was over." in page
        assert "Their addresses are at one mail domain." in page
    elif end == "dropped":
        assert "Nothing was changed." in words(press(moderator, batch, "cancel"))
        assert moderator.get(path_of(batch)).status_code == 404
    else:
        assert drop_forgotten() == 0
        Batch.objects.update(made_at=batch.made_at - timedelta(days=1))
        assert drop_forgotten() == 1
        assert "This rule was dropped" in words(press(moderator, batch, "start", **HOLD))
    assert traces_of("Qzyzzyva") == []
    assert set(traces_of("Zqfake")) == {"signatures_signature.name"}
    log = str(list(AuditEntry.objects.values()))
    assert "Zqfake" not in log
    assert factories.domain_key(petition, "botnet.example").hex() not in log
