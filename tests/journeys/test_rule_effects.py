"""What a rule does to signatures and their names, and what it leaves alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from signatures.counting.figures import from_json
from signatures.models import (
    AuditEntry,
    Movement,
    Petition,
    Release,
    Signature,
    StandingHold,
    Tally,
)
from signatures.models.choices import SignatureState, StateReason, Visibility
from tests.support import factories
from tests.support.mailbox import Mailbox
from tests.support.page_reading import read, shown_count, words
from tests.support.releases import release
from tests.support.rule_numbers import counts_right
from tests.support.rules import a_fake, as_they_are, make_crowd, path_of, press, preview, work
from tests.support.tally_reading import sign_and_confirm

pytestmark = pytest.mark.django_db
HOLD = {"action": "HOLD", "reason": "SUSPICIOUS"}


def test_a_release_tells_what_a_rule_did_and_what_undoing_it_did(petition: Petition, moderator: Client) -> None:
    make_crowd(petition, fakes=30, honest=20)
    assert release(petition)
    assert shown_count(petition) == "50"
    batch = preview(moderator, petition, like=str(a_fake(petition).pk))
    for button, count in (("start", "20"), ("undo", "50")):
        press(moderator, batch, button, **HOLD)
        work()
        assert Movement.objects.filter(petition=petition).people() == 30
        assert release(petition)
        assert shown_count(petition) == count
    newest = Release.objects.all().newest()
    assert newest is not None
    figures = from_json(newest.figures)
    assert (figures.count, figures.columns.cells["removed"], figures.columns.cells["restored"]) == (50, -30, 30)


def test_removed_ones_are_touched_only_by_a_rule_about_them(petition: Petition, moderator: Client) -> None:
    make_crowd(petition, fakes=0, honest=4)
    first, second, third, _ = Signature.objects.order_by("pk")
    remove = preview(moderator, petition, ids=f"{first.pk} {second.pk}")
    press(moderator, remove, "start", action="REMOVE", reason="INVENTED")
    work()
    press(moderator, preview(moderator, petition, ids=str(third.pk)), "start", **HOLD)
    work()
    counts_right(petition, 1)
    everything = preview(moderator, petition)
    assert "1 signature changes, and the count goes from 1 to 2." in words(read(moderator, path_of(everything)))
    press(moderator, everything, "start", action="COUNT")
    work()
    counts_right(petition, 2)
    of_removed = preview(moderator, petition, state="REMOVED")
    press(moderator, of_removed, "start", action="COUNT")
    work()
    counts_right(petition, 4)
    press(moderator, of_removed, "undo")
    work()
    counts_right(petition, 2)
    assert list(Signature.objects.filter(state="REMOVED").values_list("state_reason", flat=True)) == ["INVENTED"] * 2


def test_a_doubtful_one_counts_for_the_first_time_once(petition: Petition, moderator: Client) -> None:
    factories.make_signature(petition, state=SignatureState.HELD, state_reason=StateReason.HONEYPOT)
    batch = preview(moderator, petition, state="HELD")
    for stage in ("start", "undo"):
        press(moderator, batch, stage, action="COUNT")
        work()
    signature = Signature.objects.get()
    assert (signature.state, signature.state_reason, signature.ever_counted) == ("HELD", "HONEYPOT", True)
    again = preview(moderator, petition, state="HELD")
    press(moderator, again, "start", action="COUNT")
    work()
    counts_right(petition, 1)
    assert list(Tally.objects.order_by("pk").values_list("kind", "reason", "amount")) == [
        ("CONFIRMED", "", 1),
        ("REMOVED", "HONEYPOT", 1),
        ("RESTORED", "", 1),
    ]


def test_names_are_hidden_and_shown_and_the_count_stays(ordinary: Petition, moderator: Client) -> None:
    make_crowd(ordinary, fakes=10, honest=2)
    factories.make_signature(ordinary, visibility=Visibility.DELIVERED)
    before = as_they_are(ordinary)
    batch = preview(moderator, ordinary, like=str(a_fake(ordinary).pk))
    assert "10 signatures change at most, and the count stays the same." in words(read(moderator, path_of(batch)))
    press(moderator, batch, "start", action="HIDE_NAMES")
    work()
    assert Signature.objects.all().public().count() == 2
    counts_right(ordinary, 13)
    press(moderator, batch, "undo")
    work()
    assert Signature.objects.all().public().count() == 12
    assert as_they_are(ordinary) == before
    Signature.objects.filter(pk=a_fake(ordinary).pk).update(name_review="WAITING")
    waiting = preview(moderator, ordinary, name_review="WAITING")
    press(moderator, waiting, "start", action="SHOW_NAMES")
    work()
    assert Signature.objects.all().public().count() == 12
    waiting.refresh_from_db()
    assert waiting.changed == 1


@pytest.mark.parametrize(("about", "shown"), [("a country", 2), ("hidden names", 1), ("chosen rows", 3)])
def test_a_hidden_name_is_shown_only_by_a_rule_about_it(
    ordinary: Petition, moderator: Client, about: str, shown: int
) -> None:
    waiting = [factories.make_signature(ordinary, visibility="PUBLIC", name_review="WAITING") for _ in range(2)]
    hidden = factories.make_signature(ordinary, visibility="PUBLIC", name_review="HIDDEN")
    conditions = {
        "a country": {"country": "LT"},
        "hidden names": {"name_review": "HIDDEN"},
        "chosen rows": {"ids": f"{waiting[0].pk}-{hidden.pk}"},
    }
    press(moderator, preview(moderator, ordinary, **conditions[about]), "start", action="SHOW_NAMES")
    work()
    assert Signature.objects.all().public().count() == shown
    assert Signature.objects.all().public().filter(pk=hidden.pk).exists() == (about != "a country")


def test_new_ones_like_these_are_held_for_a_week(petition: Petition, moderator: Client, mailbox: Mailbox) -> None:
    make_crowd(petition, fakes=10, honest=2)
    batch = preview(moderator, petition, like=str(a_fake(petition).pk))
    assert "and hold new ones like these for 7 days" in words(read(moderator, path_of(batch)))
    press(moderator, batch, "start", holds_new_ones="on", **HOLD)
    work()
    hold = StandingHold.objects.get()
    assert hold.ends_at - hold.began_at == timedelta(days=7)
    assert AuditEntry.objects.get(action="HOLD_STARTED").target == hold.pk
    sign_and_confirm(petition, mailbox, email="new@botnet.example")
    sign_and_confirm(petition, mailbox, email="new@elsewhere.example")
    states = Signature.objects.order_by("-pk").values_list("state", flat=True)[:2]
    assert list(states) == ["CONFIRMED", "HELD"]
    by_name = preview(moderator, petition, name="Signer")
    assert "hold new ones" not in words(read(moderator, path_of(by_name)))
    press(moderator, by_name, "start", holds_new_ones="on", **HOLD)
    assert StandingHold.objects.count() == 1
