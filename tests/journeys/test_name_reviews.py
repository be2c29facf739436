"""Names that wait are decided on by fifties, by whoever is faster, and with a way back."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from signatures.counting.reconciling import compare_tally
from signatures.models import AuditEntry, Petition, Signature
from signatures.models.choices import SignatureState, StateReason, Visibility
from tests.support import factories
from tests.support.mailbox import Mailbox
from tests.support.page_reading import page_of, read, words
from tests.support.reviews import (
    decide_on,
    log_of,
    names_path,
    press,
    public_names,
    reviews,
    seen_on,
    sent,
    sign_as,
    waiting,
)

LogIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db
WAITS = "Your name appears once an organiser has looked at it."


@pytest.fixture
def reviewed(ordinary: Petition) -> Petition:
    """Return a petition whose names are looked at, and appear at once when they may."""
    Petition.objects.filter(pk=ordinary.pk).update(reviews_names=True)
    ordinary.refresh_from_db()
    return ordinary


def test_a_name_waits_is_shown_by_an_organiser_and_then_everyone_reads_it(
    reviewed: Petition, mailbox: Mailbox, moderator: Client
) -> None:
    signature = sign_as(reviewed, mailbox, "Аня Ўлашэнка")
    assert signature.state == SignatureState.CONFIRMED
    assert "Ўлашэнка" not in public_names(reviewed)
    assert "Ўлашэнка" not in read(Client(), page_of(reviewed))
    page = read(moderator, names_path(reviewed))
    assert '<bdi translate="no">Аня Ўлашэнка</bdi>' in page
    assert "Belarus · English · Every name is looked at." in words(page)
    answer = decide_on(moderator, reviewed, {signature: "SHOW"})
    assert "1 name may be shown now. Undo" in words(answer)
    assert "Nothing waits." in words(answer)
    assert "Ўлашэнка" in public_names(reviewed)
    assert log_of(reviewed) == [("NAMES_VIEWED", 1), ("NAMES_VIEWED", 1), ("NAMES_SHOWN", 1)]
    assert "Ўлашэнка" not in str(list(AuditEntry.objects.values()))
    assert compare_tally(reviewed) == {}


def test_a_hidden_name_counts_and_is_read_by_nobody(reviewed: Petition, mailbox: Mailbox, moderator: Client) -> None:
    signature = sign_as(reviewed, mailbox, "Mickey Mouse")
    assert "1 name is hidden now." in words(decide_on(moderator, reviewed, {signature: "HIDE"}))
    assert "Mickey" not in public_names(reviewed)
    assert reviewed.signatures.confirmed().count() == 1
    assert compare_tally(reviewed) == {}
    assert log_of(reviewed)[-1] == ("NAMES_HIDDEN", 1)


def test_what_is_left_waits_and_the_button_shows_all_that_is_left(reviewed: Petition, moderator: Client) -> None:
    first, second, third, fourth = waiting(reviewed, 4)
    decide_on(moderator, reviewed, {first: "HIDE", second: "LATER"})
    assert reviews(reviewed) == ["HIDDEN", "WAITING", "WAITING", "WAITING"]
    answer = words(decide_on(moderator, reviewed, {second: "LATER"}, rest="SHOW"))
    assert reviews(reviewed) == ["HIDDEN", "WAITING", "OK", "OK"]
    assert "2 names may be shown now." in answer
    assert "You are at the end. Still waiting, since you left them for later or somebody changed them: 1." in answer
    assert third.pk < fourth.pk


def test_a_page_has_fifty_the_oldest_first_and_saving_leads_to_the_next(reviewed: Petition, moderator: Client) -> None:
    rows = waiting(reviewed, 53)
    page = read(moderator, names_path(reviewed))
    assert [int(pk) for pk in seen_on(page)] == [row.pk for row in rows[:50]]
    assert "Waiting: 53." in words(page)
    answer = decide_on(moderator, reviewed, {}, rest="LATER")
    assert [int(pk) for pk in seen_on(answer.content.decode())] == [row.pk for row in rows[50:]]
    amounts = AuditEntry.objects.filter(action="NAMES_VIEWED").order_by("pk").values_list("amount", flat=True)
    assert list(amounts) == [50, 50, 3]


def test_a_press_takes_the_decisions_of_a_page_back(reviewed: Petition, moderator: Client) -> None:
    first, second, third = waiting(reviewed, 3)
    answer = decide_on(moderator, reviewed, {first: "SHOW", second: "HIDE", third: "LATER"})
    undo = re.findall(r'name="undo" value="(\d+)"', answer.content.decode())
    assert len(undo) == 2
    undone = words(press(moderator, names_path(reviewed), {"undo": undo}))
    assert "2 decisions are taken back: they wait again." in undone
    assert reviews(reviewed) == ["WAITING"] * 3
    assert log_of(reviewed)[-2] == ("NAMES_WAITING", 2)
    again = words(press(moderator, names_path(reviewed), {"undo": undo}))
    assert "0 decisions are taken back" in again


def test_nobody_takes_back_what_others_decided(reviewed: Petition, moderator: Client, organiser_client: LogIn) -> None:
    (one,) = waiting(reviewed, 1)
    answer = decide_on(moderator, reviewed, {one: "SHOW"})
    undo = re.findall(r'name="undo" value="(\d+)"', answer.content.decode())
    other = organiser_client("Moderators")
    other.post(names_path(reviewed), {"undo": undo})
    assert reviews(reviewed) == ["OK"]
    assert "Undo" not in words(read(other, f"{names_path(reviewed)}?done={undo[0]}"))


def test_two_who_decide_on_the_same_page_are_told_who_was_faster(
    reviewed: Petition, moderator: Client, organiser_client: LogIn
) -> None:
    rows = waiting(reviewed, 50)
    other = organiser_client("Organisers")
    form = sent(other, reviewed, dict.fromkeys(rows, "HIDE"))
    decide_on(moderator, reviewed, dict.fromkeys(rows[:49], "SHOW"))
    answer = words(press(other, names_path(reviewed), form))
    assert "49 were left as they are: their signers, or others of you, changed them while you read." in answer
    assert "1 name is hidden now." in answer
    assert reviews(reviewed) == ["OK"] * 49 + ["HIDDEN"]


def test_a_name_that_its_signer_changed_meanwhile_is_not_shown_unseen(
    reviewed: Petition, mailbox: Mailbox, moderator: Client
) -> None:
    signature = sign_as(reviewed, mailbox, "Anna Good")
    form = sent(moderator, reviewed, {signature: "SHOW"})
    sign_as(reviewed, mailbox, "Something Bad")
    answer = words(press(moderator, names_path(reviewed), form))
    assert "1 was left as it is: its signer, or another of you, changed it while you read." in answer
    assert "Bad" not in public_names(reviewed)
    assert reviews(reviewed) == ["WAITING"]


def test_a_name_withdrawn_or_lowered_meanwhile_is_nowhere(reviewed: Petition, moderator: Client) -> None:
    gone, counted = waiting(reviewed, 2)
    form = sent(moderator, reviewed, {gone: "SHOW", counted: "SHOW"})
    Signature.objects.filter(pk=gone.pk).delete()
    Signature.objects.filter(pk=counted.pk).update(visibility="COUNTED", name=None)
    assert "2 were left as they are" in words(press(moderator, names_path(reviewed), form))
    assert "Waiting" not in public_names(reviewed)


def test_a_name_is_hidden_and_shown_again_on_its_own_page(ordinary: Petition, moderator: Client) -> None:
    signature = factories.make_signature(ordinary, visibility="PUBLIC", name="Mickey Mouse")
    path = f"/admin/signatures/signature/{signature.pk}/"
    values = {"seen": "Mickey Mouse", "was": "OK"}
    assert "Hide this name" in read(moderator, f"{path}change/")
    answer = press(moderator, f"{path}decide/", {"action": "NAME_HIDDEN", **values})
    assert "The name is hidden now." in words(answer)
    assert "Mickey" not in public_names(ordinary)
    late = press(moderator, f"{path}decide/", {"action": "NAME_HIDDEN", **values})
    assert "The name has changed since you opened this page." in words(late)
    moderator.post(f"{path}decide/", {"action": "NAME_OK", "seen": "Mickey Mouse", "was": "HIDDEN"})
    assert "Mickey" in public_names(ordinary)


@pytest.mark.parametrize("form", [{"choice-1": "SHOW", "seen-1": ""}, {"seen-x": "", "undo": ["x", "9" * 30]}, {}])
def test_an_odd_form_decides_nothing(reviewed: Petition, moderator: Client, form: dict[str, object]) -> None:
    waiting(reviewed, 2)
    assert moderator.post(names_path(reviewed), form).status_code == 302
    assert reviews(reviewed) == ["WAITING"] * 2


def test_a_form_with_other_choices_or_more_rows_is_refused(reviewed: Petition, moderator: Client) -> None:
    rows = waiting(reviewed, 51)
    for form in (
        {f"seen-{rows[0].pk}": "x", f"choice-{rows[0].pk}": "ERASE"},
        {f"seen-{row.pk}": "x" for row in rows},
        {f"seen-{rows[0].pk}": "x", "rest": "PUBLISH"},
    ):
        assert moderator.post(names_path(reviewed), form).status_code == 400


def test_a_signature_of_another_petition_is_not_decided_on(
    reviewed: Petition, petition: Petition, moderator: Client
) -> None:
    (foreign,) = waiting(petition, 1)
    assert "1 was left" in words(press(moderator, names_path(reviewed), sent(moderator, petition, {foreign: "SHOW"})))
    assert reviews(petition) == ["WAITING"]


@pytest.mark.parametrize("query", ["after=x", "after=-1", "after=99999999999999999999", "done=x", "done=1&done=2"])
def test_an_odd_address_shows_a_page(reviewed: Petition, moderator: Client, query: str) -> None:
    waiting(reviewed, 1)
    assert moderator.get(f"{names_path(reviewed)}?{query}").status_code == 200


def test_how_much_waits_is_read_in_one_statement(reviewed: Petition, petition: Petition) -> None:
    waiting(reviewed, 3)
    factories.make_signature(petition, visibility="PUBLIC", reason="For all")
    waiting(petition, 2, state=SignatureState.HELD, state_reason=StateReason.SUSPICIOUS)
    with CaptureQueriesContext(connection) as asked:
        found = Signature.objects.all().waiting_by_petition([reviewed.pk, petition.pk])
    assert len(asked) == 1
    assert found == {reviewed.pk: (3, 0), petition.pk: (0, 1)}


def test_the_way_of_the_redirect_carries_no_name(reviewed: Petition, moderator: Client) -> None:
    (one,) = waiting(reviewed, 1)
    way = moderator.post(names_path(reviewed), sent(moderator, reviewed, {one: "SHOW"})).headers["Location"]
    assert re.fullmatch(r"after=\d+&done=\d+", urlsplit(way).query)
    assert one.visibility == Visibility.PUBLIC
