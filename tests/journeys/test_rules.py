"""Organisers decide on all signatures that a rule matches: counted first, carried out by the worker, undone as one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from signatures.counting.figures import from_json
from signatures.counting.reconciling import compare_tally
from signatures.counting.writing import Dimensions, Event, write_tally
from signatures.models import (
    AuditEntry,
    Batch,
    BatchRow,
    Movement,
    Petition,
    Release,
    Signature,
    StandingHold,
    Tally,
    Wave,
)
from signatures.models.choices import BatchStage, SignatureState, StateReason, TallyKind, Visibility, WaveKind
from signatures.moderating import batch_steps, batches
from signatures.moderating.batches import drop_forgotten
from signatures.moderating.purging import purge_petition
from tests.support import factories
from tests.support.database import query, traces_of
from tests.support.mailbox import Mailbox
from tests.support.page_reading import read, shown_count, words
from tests.support.releases import release
from tests.support.reviews import public_names, sign_as
from tests.support.rules import a_fake, as_they_are, make_crowd, new_path, path_of, press, preview, work
from tests.support.tally_reading import counted, sign_and_confirm

LogIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db
HOLD = {"action": "HOLD", "reason": "SUSPICIOUS"}


@pytest.fixture
def moderator(organiser_client: LogIn) -> Client:
    """Return the browser of somebody who keeps the list clean."""
    return organiser_client("Moderators")


def audited() -> list[tuple[str, int | None, str]]:
    """Return (action, amount, reason) of what was recorded of rules, the oldest first."""
    log = AuditEntry.objects.filter(action__startswith="BATCH").order_by("pk")
    return list(log.values_list("action", "amount", "reason"))


def kinds(petition: Petition) -> list[tuple[str, str, int]]:
    """Return (kind, reason, amount) of the tally's rows, without what single signers did."""
    rows = Tally.objects.filter(petition=petition, amount__gt=1).order_by("pk")
    return list(rows.values_list("kind", "reason", "amount"))


def counts_right(petition: Petition, expected: int) -> None:
    """Assert that tally and list say the same number."""
    assert counted(petition) == str(expected)
    assert Signature.objects.confirmed().filter(petition=petition).count() == expected
    assert compare_tally(petition) == {}


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


def names_of(batch: Batch) -> set[str | None]:
    """Return the names of the signatures that a rule has matched, as far as its sample goes."""
    return set(Signature.objects.filter(pk__in=batch.sample).values_list("name", flat=True))


@pytest.fixture
def different(petition: Petition) -> Petition:
    """Return a petition with signatures that each differ from an ordinary one in one respect."""
    make = factories.make_signature
    make(petition, name="Ordinary")
    make(petition, name="Polish", country="PL")
    make(petition, name="Russian", language="ru")
    make(petition, name="Public", visibility=Visibility.PUBLIC)
    make(petition, name="Waiting", visibility=Visibility.PUBLIC, name_review="WAITING")
    make(petition, name="Trapped", state=SignatureState.HELD, state_reason=StateReason.HONEYPOT)
    make(petition, name="Removed", state=SignatureState.REMOVED, state_reason=StateReason.INVENTED)
    make(petition, name="Zoë O'Neill-Łuk", address="a@elsewhere.example")
    early = make(petition, name="Early")
    query(
        "UPDATE signatures_signature SET first_confirmed_at = '2011-01-31 18:02Z', last_confirmed_at ="
        " '2011-01-31 18:02Z', current_since = '2011-01-31 18:02Z' WHERE id = %s",
        [early.pk],
    )
    factories.publish_next(petition)
    make(petition, name="Later text")
    make(factories.make_petition(), name="Elsewhere", country="PL")
    return petition


def sign_alike(petition: Petition, signature: Signature, amount: int) -> None:
    """Store so many signatures named Alike of the same mail domain as another."""
    for _ in range(amount):
        factories.make_signature(petition, name="Alike", domain_key=signature.domain_key)


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({"country": "PL"}, {"Polish"}),
        ({"language": "ru"}, {"Russian"}),
        ({"visibility": "PUBLIC"}, {"Public", "Waiting"}),
        ({"visibility": "PUBLIC", "name_review": "WAITING"}, {"Waiting"}),
        ({"state": "HELD"}, {"Trapped"}),
        ({"state": "HELD", "state_reason": "SUSPICIOUS"}, set()),
        ({"state_reason": "INVENTED"}, {"Removed"}),
        ({"name": "luk zoe"}, {"Zoë O'Neill-Łuk"}),
        ({"name": "luk", "country": "PL"}, set()),
        ({"since": "2011-01-31T18:02", "until": "2011-01-31T18:03"}, {"Early"}),
        ({"since": "2011-01-31T18:03", "until": "2011-01-31T19:00"}, set()),
        ({"until": "2011-01-31T18:03"}, {"Early"}),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_each_condition_is_met_whoever_counts(  # noqa: PLR0917 - what is given and what is found
    different: Petition,
    moderator: Client,
    conditions: dict[str, str],
    found: set[str],
    at_once: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not at_once:
        monkeypatch.setattr(batches, "COUNTED_AT_ONCE_MAX", -1)
        monkeypatch.setattr(batch_steps, "WINDOW", 3)
    batch = preview(moderator, different, **conditions)
    assert (batch.stage == BatchStage.READY) == at_once
    work()
    batch.refresh_from_db()
    assert names_of(batch) == found
    assert batch.matched == len(found)
    assert f"{len(found)} signature" in words(read(moderator, path_of(batch)))


def test_versions_domains_and_numbers_are_conditions_too(different: Petition, moderator: Client) -> None:
    newest = factories.newest_version(different)
    assert names_of(preview(moderator, different, text_version=str(newest.pk))) == {"Later text"}
    luk, polish = (Signature.objects.get(name=name) for name in ("Zoë O'Neill-Łuk", "Polish"))
    sign_alike(different, luk, 9)
    assert names_of(preview(moderator, different, like=str(luk.pk))) == {"Zoë O'Neill-Łuk", "Alike"}
    there = preview(moderator, different, ids=f"{polish.pk}-{polish.pk + 1}, {luk.pk}")
    assert names_of(there) == {"Polish", "Russian", "Zoë O'Neill-Łuk"}
    page = words(read(moderator, path_of(there)))
    assert f"Their row numbers are: {polish.pk}–{polish.pk + 1}, {luk.pk}." in page
    elsewhere = Signature.objects.get(name="Elsewhere")
    assert preview(moderator, different, ids=str(elsewhere.pk)).matched == 0, "of another petition"


def test_no_rule_tells_who_signed_from_a_small_workplace(different: Petition, moderator: Client) -> None:
    luk = Signature.objects.get(name="Zoë O'Neill-Łuk")
    sign_alike(different, luk, 8)
    for conditions in ({}, {"name": "Alike"}, {"ids": str(luk.pk)}):
        answer = moderator.post(new_path(different), {"like": str(luk.pk), **conditions})
        assert answer.status_code == 422
        assert "that would tell who signed from a small workplace" in words(answer.content.decode())
    assert not Batch.objects.exists()
    Wave.objects.create(
        petition=different,
        kind=WaveKind.DOMAIN,
        domain_key=luk.domain_key,
        amount=9,
        expected=0,
        since=luk.last_confirmed_at,
        last_at=luk.last_confirmed_at,
    )
    assert preview(moderator, different, like=str(luk.pk)).matched == 9, "its wave is told anyway"


def test_the_conditions_are_there_again_to_be_changed(different: Petition, moderator: Client) -> None:
    luk, polish = (Signature.objects.get(name=name) for name in ("Zoë O'Neill-Łuk", "Polish"))
    sign_alike(different, luk, 9)
    conditions = {
        "like": str(luk.pk),
        "ids": f"{polish.pk}-{luk.pk}, {luk.pk + 5}",
        "since": "2011-01-31T18:02",
        "until": "2100-01-01T00:00",
        "country": "LT",
        "language": "en",
        "text_version": str(luk.text_version_id),
        "visibility": "DELIVERED",
        "name": "zoë łuk",
        "state": "CONFIRMED",
        "state_reason": "",
        "name_review": "OK",
    }
    batch = preview(moderator, different, **conditions)
    assert names_of(batch) == {luk.name}
    page = moderator.get(f"{new_path(different)}?again={batch.pk}")
    assert f"?again={batch.pk}" in read(moderator, path_of(batch))
    shown = {name: page.context["form"][name] for name in conditions}
    sent = {
        name: str(field.field.widget.format_value(field.value()) or "")
        for name, field in shown.items()
        if name in {"since", "until"}
    }
    sent |= {name: str(field.value() or "") for name, field in shown.items() if name not in sent}
    like = Signature.objects.get(pk=sent.pop("like"))
    assert like.domain_key == luk.domain_key
    assert sent == {name: value for name, value in conditions.items() if name != "like"}
    for odd in ("x", "0", "9" * 30):
        assert moderator.get(f"{new_path(different)}?again={odd}&like={odd}").status_code == 200


@pytest.mark.parametrize(
    "conditions",
    [
        {"ids": "from 3 to 5"},
        {"ids": "1-"},
        {"ids": "1-99999999"},
        {"since": "2011-01-02T00:00", "until": "2011-01-01T00:00"},
        {"name": "' & !"},
        {"country": "XX"},
        {"text_version": "0"},
        {"like": "99999"},
        {"like": "-1"},
        {"since": "yesterday"},
    ],
)
def test_what_is_no_rule_is_asked_about_again(
    petition: Petition, moderator: Client, conditions: dict[str, str]
) -> None:
    assert moderator.post(new_path(petition), conditions).status_code == 422
    assert not Batch.objects.exists()


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
