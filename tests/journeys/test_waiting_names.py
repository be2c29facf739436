"""Which names wait until an organiser has looked at them, however often somebody signs, and who is told."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from signatures.counting.writing import Dimensions, Event, write_tally
from signatures.models import AuditEntry, Movement, Petition, Release, Signature
from signatures.models.choices import NameReview, SignatureState, StateReason, TallyKind
from tests.support import factories
from tests.support.desk import change_path, save, shown_form
from tests.support.mailbox import Mailbox, code_in
from tests.support.page_reading import page_of, read, words
from tests.support.releases import release, sign_hidden
from tests.support.reviews import decide_on, names_path, public_names, reviews, sign_as, waiting

pytestmark = pytest.mark.django_db
WAITS = "Your name appears once an organiser has looked at it."


@pytest.fixture
def reviewed(ordinary: Petition) -> Petition:
    """Return a petition whose names are looked at, and appear at once when they may."""
    Petition.objects.filter(pk=ordinary.pk).update(reviews_names=True)
    ordinary.refresh_from_db()
    return ordinary


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("OK", True), ("Anna", "OK")),
        (("OK", True), ("Other", "WAITING")),
        (("OK", False), ("Other", "OK")),
        (("HIDDEN", True), ("Anna", "HIDDEN")),
        (("HIDDEN", False), ("Anna", "HIDDEN")),
        (("HIDDEN", True), ("Other", "WAITING")),
        (("HIDDEN", False), ("Other", "WAITING")),
        (("WAITING", False), ("Anna", "WAITING")),
        (("WAITING", False), ("Other", "WAITING")),
        (("OK", False), ("Anna 1", "WAITING")),
    ],
)
def test_signing_again_keeps_what_was_decided_on_the_same_name_only(
    ordinary: Petition, mailbox: Mailbox, before: tuple[str, bool], after: tuple[str, str]
) -> None:
    (was, reviews_names), (name, expected) = before, after
    sign_as(ordinary, mailbox, "Anna")
    Signature.objects.update(name_review=was)
    Petition.objects.update(reviews_names=reviews_names)
    sign_as(ordinary, mailbox, name)
    assert reviews(ordinary) == [expected]


@pytest.mark.parametrize("lower", ["DELIVERED", "COUNTED"])
def test_a_hidden_name_does_not_come_back_by_lowering_and_raising(
    ordinary: Petition, mailbox: Mailbox, lower: str
) -> None:
    sign_as(ordinary, mailbox, "Mickey Mouse")
    Signature.objects.update(name_review=NameReview.HIDDEN)
    sign_as(ordinary, mailbox, "Mickey Mouse", visibility=lower)
    sign_as(ordinary, mailbox, "Mickey Mouse")
    assert reviews(ordinary) == ["HIDDEN" if lower == "DELIVERED" else "WAITING"]
    assert "Mickey" not in public_names(ordinary)


def test_a_hidden_name_does_not_come_back_by_another_one_between(ordinary: Petition, mailbox: Mailbox) -> None:
    sign_as(ordinary, mailbox, "Mickey Mouse")
    Signature.objects.update(name_review=NameReview.HIDDEN)
    for name in ("Anna", "Mickey Mouse"):
        sign_as(ordinary, mailbox, name)
    assert reviews(ordinary) == ["WAITING"]
    assert "Mickey" not in public_names(ordinary)


def test_a_name_that_only_recipients_saw_waits_when_everyone_may_see_it(ordinary: Petition, mailbox: Mailbox) -> None:
    sign_as(ordinary, mailbox, "Anna", visibility="DELIVERED")
    assert reviews(ordinary) == ["OK"]
    Petition.objects.update(reviews_names=True)
    sign_as(ordinary, mailbox, "Anna")
    assert reviews(ordinary) == ["WAITING"]


def test_whoever_withdraws_and_signs_again_is_looked_at_again(
    reviewed: Petition, mailbox: Mailbox, moderator: Client
) -> None:
    decide_on(moderator, reviewed, {sign_as(reviewed, mailbox, "Anna"): "SHOW"})
    Signature.objects.get().delete()
    sign_as(reviewed, mailbox, "Anna")
    assert reviews(reviewed) == ["WAITING"]


def test_a_held_name_waits_for_both_decisions(reviewed: Petition, moderator: Client) -> None:
    (held,) = waiting(reviewed, 1, state=SignatureState.HELD, state_reason=StateReason.SUSPICIOUS)
    assert "Nothing waits." in words(read(moderator, names_path(reviewed)))
    moderator.post(f"/admin/signatures/signature/{held.pk}/decide/", {"action": "CONFIRMED"})
    assert "Waiting Aa" not in public_names(reviewed)
    decide_on(moderator, reviewed, {held: "SHOW"})
    assert "Waiting Aa" in public_names(reviewed)


@pytest.mark.parametrize("name", ["Visit example.org now", "Call +375 29 123", "Anna Kaputin"])
def test_some_names_wait_whatever_is_set_and_the_page_says_why(
    ordinary: Petition, mailbox: Mailbox, moderator: Client, name: str
) -> None:
    Petition.objects.update(waiting_words="kaput")
    sign_as(ordinary, mailbox, name)
    sign_as(ordinary, mailbox, "Anna Nowak", "b@example.org")
    listed = public_names(ordinary)
    assert "Anna Nowak" in listed
    assert name not in listed
    why = {"V": "It looks like an address.", "C": "It has digits.", "A": "It has a word of your list."}[name[0]]
    page = words(read(moderator, names_path(ordinary)))
    assert f"{name} Belarus · English · {why}" in page
    assert "Anna Nowak" not in page


def test_a_guarded_name_appears_with_a_release_and_never_before_it_was_looked_at(
    petition: Petition, moderator: Client
) -> None:
    Petition.objects.update(reviews_names=True)
    rows = waiting(petition, 12)
    sign_hidden(petition, 10)
    assert release(petition)
    assert "Waiting A" not in public_names(petition)
    page = words(read(moderator, names_path(petition)))
    assert "What you show appears with one of the next steps of the public number." in page
    decide_on(moderator, petition, dict.fromkeys(rows, "SHOW"))
    assert "Waiting A" not in public_names(petition)
    sign_hidden(petition, 10)
    assert release(petition)
    assert public_names(petition).count("Waiting A") >= 10


def test_names_that_are_allowed_later_appear_though_nobody_else_signs(petition: Petition) -> None:
    Petition.objects.update(reviews_names=True)
    petition.refresh_from_db()
    for number in range(24):
        factories.make_signature(petition, visibility="PUBLIC", name=f"Anna {number}", name_review="WAITING")
    assert release(petition)
    count = Release.objects.latest("number").figures["count"]
    [moved] = sign_hidden(petition, 1)
    allowed = list(Signature.objects.filter(visibility="PUBLIC").order_by("pk")[:9])
    Signature.objects.filter(pk__in=[one.pk for one in allowed]).update(name_review="OK")
    assert not release(petition), "nine are too few"
    Signature.objects.filter(visibility="PUBLIC").update(name_review="OK")
    assert release(petition)
    assert Release.objects.latest("number").figures["count"] == count == 24
    assert Signature.objects.filter(is_listed=True).count() == 24
    assert Movement.objects.get().signature_id == moved.pk, "who has moved meanwhile goes on waiting for nine others"
    assert not release(petition)


@pytest.mark.parametrize("which", ["petition", "ordinary"])
def test_names_that_cannot_be_shown_publish_no_numbers_of_a_few_people(
    which: str, request: pytest.FixtureRequest
) -> None:
    petition: Petition = request.getfixturevalue(which)
    Petition.objects.update(reviews_names=True)
    petition.refresh_from_db()
    # Beside twelve names, four people would be left over.
    rows = waiting(petition, 12)
    sign_hidden(petition, 4)
    assert release(petition)
    Signature.objects.filter(pk__in=[row.pk for row in rows]).update(name_review="OK")
    write_tally(petition.pk, [Event(TallyKind.SUBMITTED, Dimensions.of(rows[0]), amount=10)])
    assert not release(petition), "one person can send ten forms"
    sign_hidden(petition, 10)
    assert release(petition)
    assert Release.objects.latest("number").figures["flows"]["submitted"] == 10


def test_signers_are_told_that_somebody_looks_at_names_as_soon_as_it_is_so(
    petition: Petition, mailbox: Mailbox, organiser: Client
) -> None:
    for path in (page_of(petition), page_of(petition, "thanks")):
        assert "once an organiser has looked" not in words(read(Client(), path))
    form = shown_form(organiser, change_path(petition)) | {"reviews_names": "on", "waiting_words": "кот\nпёс"}
    assert save(organiser, change_path(petition), form).status_code == 302
    petition.refresh_from_db()
    assert (petition.reviews_names, petition.waiting_words.split()) == (True, ["кот", "пёс"])
    entry = AuditEntry.objects.filter(action="PETITION_CHANGED").latest("pk")
    assert entry.details["fields"] == ["reviews_names", "waiting_words"]
    assert WAITS in words(read(Client(), page_of(petition)))
    assert WAITS[5:] in words(read(Client(), page_of(petition, "thanks")))
    visitor = Client(headers={"sec-fetch-site": "same-origin"})
    for choice, is_told in (("PUBLIC", True), ("DELIVERED", False)):
        factories.sign(visitor, petition, visibility=choice, email=f"{choice}@example.org".lower())
        code = code_in(mailbox.deliver()[-1])
        page = words(read(visitor, reverse("confirm", kwargs={"language": "en", "code": code})))
        assert ("The name appears once an organiser has looked at it." in page) == is_told


def test_switching_it_off_shows_no_name_that_waits(reviewed: Petition, mailbox: Mailbox, organiser: Client) -> None:
    sign_as(reviewed, mailbox, "Anna Early")
    form = shown_form(organiser, change_path(reviewed))
    form.pop("reviews_names")
    assert save(organiser, change_path(reviewed), form).status_code == 302
    sign_as(reviewed, mailbox, "Anna Late", "b@example.org")
    assert "Anna Early" not in public_names(reviewed)
    assert "Anna Late" in public_names(reviewed)
    assert "It waited already." in words(read(organiser, names_path(reviewed)))


def test_no_published_number_tells_a_name_that_waits_or_is_hidden_from_one_that_only_recipients_see(
    petition: Petition, moderator: Client
) -> None:
    """The same campaign twice: in one somebody hides names or has not looked yet, in the other nobody may see them."""
    other = factories.make_petition()
    for campaign, unseen in ((petition, "PUBLIC"), (other, "DELIVERED")):
        Petition.objects.filter(pk=campaign.pk).update(reviews_names=True)
        sign_hidden(campaign, 15)
        shown = waiting(campaign, 12, country="LT")
        rows = [
            factories.make_signature(campaign, visibility=unseen, name=f"Unseen {n}", country="PL") for n in range(13)
        ]
        Signature.objects.filter(pk__in=[row.pk for row in rows]).update(name_review="WAITING")
        decide_on(moderator, campaign, dict.fromkeys(shown, "SHOW") | dict.fromkeys(rows[:7], "HIDE"))
        assert release(campaign)
    figures = Release.objects.order_by("pk").values_list("figures", flat=True)
    assert figures[0] == figures[1]
    assert sorted(public_names(petition)) == sorted(public_names(other))
    for campaign in (petition, other):
        assert "Unseen" not in public_names(campaign)
    answers = [Client().get(f"/api/petitions/{one.slug}.json").json() for one in (petition, other)]
    assert answers[0]["signature_count"] == answers[1]["signature_count"] == 40
