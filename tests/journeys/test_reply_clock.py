"""While a recipient owes a reply the site says for how long, as a promise to come back to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from signatures.models import Delivery, Petition
from tests.support import factories
from tests.support.database import query
from tests.support.hand_overs import answer, grow_older, hand_over
from tests.support.name_lists import recipient_of
from tests.support.page_reading import page_of, read, words

LIST = "/admin/signatures/delivery/"
PAGES = ("petition", "deliveries")
pytestmark = pytest.mark.django_db


def handed_over(petition: Petition, organiser: Client, name: str = "Parliament", *, days: int) -> Delivery:
    """Hand the list over, so many days ago."""
    delivery = hand_over(organiser, recipient_of(petition, name))
    day = datetime.now(UTC).date() - timedelta(days=days)
    query("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE signatures_delivery DISABLE TRIGGER USER")
    Delivery.objects.filter(pk=delivery.pk).update(handed_over_on=day)
    query("ALTER TABLE signatures_delivery ENABLE TRIGGER USER")
    delivery.refresh_from_db()
    return delivery


@pytest.fixture
def petition(petition: Petition) -> Petition:
    """Return a petition with something to hand over."""
    for _ in range(12):
        factories.make_signature(petition)
    grow_older(petition)
    return petition


def said(petition: Petition, page: str, language: str = "en") -> str:
    """Return what a page says, asked of a process that has kept nothing."""
    return words(read(Client(), page_of(petition, page, language)))


@pytest.mark.parametrize(
    ("language", "days", "sentence"),
    [
        ("en", 1, "No reply from Parliament for 1 day."),
        ("en", 112, "No reply from Parliament for 112 days."),
        ("ru", 1, "Парламент: ответа нет 1 день."),
        ("ru", 112, "Парламент: ответа нет 112 дней."),
        ("ru", 22, "Парламент: ответа нет 22 дня."),
    ],
)
def test_the_days_are_counted_in_words_on_both_pages(
    petition: Petition, organiser: Client, language: str, days: int, sentence: str
) -> None:
    handed_over(petition, organiser, days=days)
    for page in PAGES:
        assert sentence in said(petition, page, language)


@pytest.mark.parametrize("page", PAGES)
def test_on_the_first_day_and_once_a_reply_is_recorded_nothing_is_counted(
    petition: Petition, organiser: Client, page: str
) -> None:
    handed_over(petition, organiser, "Government", days=0)
    assert "No reply from" not in said(petition, page)
    delivery = handed_over(petition, organiser, days=3)
    assert "No reply from Parliament for 3 days." in said(petition, page)
    assert answer(organiser, delivery).status_code == 302
    assert "No reply from" not in said(petition, page)


@pytest.mark.parametrize("page", PAGES)
def test_who_has_replied_to_a_later_hand_over_owes_nothing_for_the_earlier_one(
    petition: Petition, organiser: Client, page: str
) -> None:
    handed_over(petition, organiser, days=50)
    later = handed_over(petition, organiser, days=20)
    handed_over(petition, organiser, "Government", days=7)
    before = said(petition, page)
    assert "No reply from Parliament for 50 days." in before
    assert ("No reply from Parliament for 20 days." in before) == (page == "deliveries")
    assert answer(organiser, later).status_code == 302
    after = said(petition, page)
    assert "No reply from Parliament" not in after
    assert "No reply from Government for 7 days." in after


def test_a_hand_over_after_the_reply_starts_the_clock_anew(petition: Petition, organiser: Client) -> None:
    first = handed_over(petition, organiser, days=50)
    answer(organiser, first, datetime.now(UTC).date() - timedelta(days=30))
    handed_over(petition, organiser, days=20)
    assert "No reply from Parliament for 20 days." in said(petition, "petition")


def test_the_longest_wait_stands_first_and_each_recipient_once(petition: Petition, organiser: Client) -> None:
    handed_over(petition, organiser, "Government", days=7)
    handed_over(petition, organiser, days=50)
    handed_over(petition, organiser, days=20)
    page = said(petition, "petition")
    assert "No reply from Parliament for 50 days. No reply from Government for 7 days." in page
    assert page.count("No reply from") == 2


def test_the_first_page_of_the_desk_asks_for_the_same_replies_as_all_other_pages(
    petition: Petition, organiser: Client
) -> None:
    handed_over(petition, organiser, days=50)
    later = handed_over(petition, organiser, days=40)
    assert "2 hand-overs were made more than 30 days ago and have had no reply." in words(read(organiser, "/admin/"))
    answer(organiser, later)
    assert "have had no reply" not in words(read(organiser, "/admin/"))


@pytest.mark.parametrize(("language", "days"), [("en", "no reply for 112 days"), ("ru", "ответа нет 112 дней")])
def test_the_desk_says_it_in_its_list(petition: Petition, organiser: Client, language: str, days: str) -> None:
    organiser.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    delivery = handed_over(petition, organiser, days=112)
    assert days in words(read(organiser, LIST))
    answer(organiser, delivery)
    assert days not in words(read(organiser, LIST))
