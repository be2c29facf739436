"""Organisers decide on all signatures that a rule matches: counted first, carried out by the worker, undone as one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from signatures.models import (
    AuditEntry,
    Batch,
    BatchRow,
    Petition,
    Signature,
)
from signatures.models.choices import SignatureState
from signatures.moderating import batch_steps, batches
from signatures.moderating.purging import purge_petition
from tests.support import factories
from tests.support.page_reading import read, words
from tests.support.rule_numbers import audited, counts_right, kinds
from tests.support.rules import a_fake, as_they_are, make_crowd, new_path, path_of, press, preview, work

LogIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db
HOLD = {"action": "HOLD", "reason": "SUSPICIOUS"}


def test_three_hundred_fakes_among_two_hundred_honest_are_held_and_let_go_again(
    petition: Petition, moderator: Client
) -> None:
    make_crowd(petition, fakes=300, honest=200)
    before = as_they_are(petition)
    batch = preview(moderator, petition, like=str(a_fake(petition).pk))
    page = words(read(moderator, path_of(batch)))
    assert "300 signatures match. In all, 500 count now." in page
    assert "Their addresses are at one mail domain." in page
    assert "300 signatures change, and the count goes from 500 to 200." in page
    assert AuditEntry.objects.filter(action="NAMES_VIEWED", target=batch.pk, amount=20).count() == 1
    press(moderator, batch, "start", **HOLD)
    work()
    page = words(read(moderator, path_of(batch)))
    assert "300 signatures were changed." in page
    assert "In all, 200 count now." in page
    counts_right(petition, 200)
    assert kinds(petition) == [("REMOVED", "SUSPICIOUS", 300)]
    held = Signature.objects.filter(state=SignatureState.HELD)
    assert {bytes(one.domain_key or b"") for one in held} == {factories.domain_key(petition, "botnet.example")}
    press(moderator, batch, "undo")
    work()
    assert "300 signatures are as before again." in words(read(moderator, path_of(batch)))
    counts_right(petition, 500)
    assert as_they_are(petition) == before
    assert kinds(petition)[1:] == [("RESTORED", "", 300)]
    assert audited() == [
        ("BATCH_STARTED", 300, "SUSPICIOUS"),
        ("BATCH_FINISHED", 300, "SUSPICIOUS"),
        ("BATCH_STARTED", 300, "SUSPICIOUS"),
        ("BATCH_UNDONE", 300, "SUSPICIOUS"),
    ]
    assert not BatchRow.objects.exists()
    listed = words(read(moderator, f"/admin/signatures/petition/{petition.pk}/rules/"))
    assert "Undone 300 300" in listed


def test_a_rule_is_about_what_was_there_when_it_was_made(petition: Petition, moderator: Client) -> None:
    make_crowd(petition, fakes=10, honest=0)
    batch = preview(moderator, petition, like=str(a_fake(petition).pk))
    make_crowd(petition, fakes=5, honest=0)
    press(moderator, batch, "start", **HOLD)
    work()
    counts_right(petition, 5)
    batch.refresh_from_db()
    assert batch.changed == 10


@pytest.mark.parametrize(
    "decision", [{}, {"action": "HOLD"}, {"action": "REMOVE", "reason": "HONEYPOT"}, {"action": "ERASE"}]
)
def test_nothing_is_started_without_what_and_why(
    petition: Petition, moderator: Client, decision: dict[str, str]
) -> None:
    make_crowd(petition, fakes=2, honest=0)
    batch = preview(moderator, petition)
    assert press(moderator, batch, "start", **decision).status_code == 422
    assert press(moderator, batch, "dance").status_code == 400
    work()
    counts_right(petition, 2)


def test_a_rule_is_started_once(petition: Petition, moderator: Client) -> None:
    make_crowd(petition, fakes=3, honest=0)
    batch = preview(moderator, petition)
    press(moderator, batch, "start", **HOLD)
    late = words(press(moderator, batch, "start", action="REMOVE", reason="INVENTED"))
    assert "This rule was started already, or is still being counted." in late
    work()
    assert "This rule is over already." in words(press(moderator, batch, "cancel"))
    assert set(Signature.objects.values_list("state", "state_reason")) == {("HELD", "SUSPICIOUS")}


def test_the_worker_counts_many_while_the_page_tells_how_far_it_is(
    petition: Petition, moderator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "COUNTED_AT_ONCE_MAX", 20)
    monkeypatch.setattr(batch_steps, "WINDOW", 15)
    make_crowd(petition, fakes=30, honest=30)
    batch = preview(moderator, petition, visibility="PUBLIC")
    assert work(2) == 2
    page = words(read(moderator, path_of(batch)))
    assert "30 signatures match so far." in page
    assert "50 %" in page
    assert not AuditEntry.objects.filter(action="NAMES_VIEWED").exists()
    work()
    batch.refresh_from_db()
    assert (batch.matched, batch.matched_counting, batch.matched_public) == (60, 60, 60)
    assert len(set(batch.sample)) == 20
    assert min(batch.sample) < batch.first_id + 30 < max(batch.sample), "of the whole, not of its beginning"
    press(moderator, batch, "start", action="REMOVE", reason="INVENTED")
    work()
    counts_right(petition, 0)


def test_the_selected_and_all_that_match_are_led_to_a_rule(petition: Petition, moderator: Client) -> None:
    make_crowd(petition, fakes=3, honest=3)
    changelist = "/admin/signatures/signature/"
    first, second = Signature.objects.order_by("pk")[:2]
    chosen = {"action": "decide_on_selected", "_selected_action": [first.pk, second.pk], "index": "0"}
    answer = moderator.post(changelist, chosen)
    assert answer["Location"] == f"{new_path(petition)}?ids={first.pk}%2C{second.pk}"
    assert f'value="{first.pk},{second.pk}"' in read(moderator, answer["Location"])
    page = read(moderator, f"{changelist}?country=LT&day=2011-01-31&q=sig&state__exact=CONFIRMED")
    link = f"{new_path(petition)}?country=LT&amp;q"
    assert link.partition("?")[0] in page
    filled = read(moderator, f"{new_path(petition)}?country=LT&since=2011-01-31T00:00&until=2011-02-01T00:00&name=sig")
    for part in ('<option value="LT" selected>', 'value="2011-01-31T00:00"', 'value="sig"'):
        assert part in filled
    assert "Decide on all that match" not in read(moderator, f"{changelist}?reasons=waiting")
    other = factories.make_petition()
    elsewhere = factories.make_signature(other)
    assert "Decide on all that match" not in read(moderator, changelist), "of which petition?"
    assert "Decide on all that match" in read(moderator, f"{changelist}?petition__id__exact={other.pk}")
    mixed = {**chosen, "_selected_action": [first.pk, elsewhere.pk]}
    assert "Choose signatures of one petition." in words(
        moderator.post(changelist, mixed, follow=True).content.decode()
    )


@pytest.mark.parametrize("role", ["Editors", "Auditors"])
def test_whoever_may_not_moderate_makes_no_rule(petition: Petition, organiser_client: LogIn, role: str) -> None:
    make_crowd(petition, fakes=2, honest=0)
    batch = preview(organiser_client("Moderators"), petition)
    client = organiser_client(role)
    for path in (new_path(petition), path_of(batch)):
        assert client.get(path).status_code == 403
        assert client.post(path, {"do": "start", **HOLD}).status_code == 403
    work()
    counts_right(petition, 2)


def test_nothing_of_rules_is_left_after_the_purge(petition: Petition, moderator: Client) -> None:
    make_crowd(petition, fakes=3, honest=0)
    done, running = preview(moderator, petition), preview(moderator, petition, name="Signer")
    press(moderator, done, "start", **HOLD)
    work()
    press(moderator, running, "start", action="REMOVE", reason="INVENTED")
    Petition.objects.update(status="CLOSED")
    petition.refresh_from_db()
    purge_petition(petition=petition, reason="The end", actor=None)
    assert not Batch.objects.exists()
    assert not BatchRow.objects.exists()
    answer = moderator.post(new_path(petition), {"country": "LT"})
    assert "The personal data of its signers was erased already." in words(answer.content.decode())
