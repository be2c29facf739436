"""Whoever wants to follow a campaign without leaving an address reads its feed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from signatures.links import absolute
from signatures.models import Delivery, Petition, Update
from signatures.publishing.feeds import ENTRIES_MAX
from signatures.publishing.news import publish_update, take_update_back
from tests.support import factories
from tests.support.atom import Feed, read_feed
from tests.support.hand_overs import answer, grow_older, hand_over
from tests.support.name_lists import recipient_of
from tests.support.page_reading import in_language, page_of, read, words
from tests.support.releases import release, sign_hidden

LogIn = Callable[[str], Client]
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
NEWS: dict[str, Any] = {
    "title_en": "At the committee",
    "title_ru": "В комитете",
    "body_en": "The **list** lies [there](https://parliament.example/).",
    "body_ru": "**Список** [там](https://parliament.example/).",
}
pytestmark = pytest.mark.django_db


def news(petition: Petition, **values: Any) -> Update:
    """Store a news item that was published long ago, unless another time is given."""
    return Update.objects.create(petition=petition, **NEWS | {"published_at": "2011-01-01T10:00Z"} | values)


def feed_of(petition: Petition, language: str = "en") -> Feed:
    """Ask a process that has kept nothing for a feed."""
    response = Client().get(page_of(petition, "feed", language))
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return read_feed(response.content)


def hand_it_over(petition: Petition, organiser: Client) -> Delivery:
    """Hand the list over to the Parliament today."""
    sign_hidden(petition, 12)
    release(petition, timedelta(hours=1))
    grow_older(petition)
    return hand_over(organiser, recipient_of(petition, "Parliament"))


@LANGUAGES
def test_it_tells_news_hand_overs_and_replies_in_its_language(
    petition: Petition, organiser: Client, language: str
) -> None:
    news(petition)
    delivery = hand_it_over(petition, organiser)
    answer(organiser, delivery)
    feed = feed_of(petition, language)
    titles = {"en": "Freedom for all", "ru": "Свободу всем"}
    assert (feed.title, feed.language) == (titles[language], language)
    assert feed.author == {"en": "the group", "ru": "группа"}[language]
    assert (feed.alternate, feed.itself) == tuple(
        absolute(page_of(petition, name, language)) for name in ("petition", "feed")
    )
    body = {"en": "Parliament", "ru": "Парламент"}[language]
    assert [entry.title for entry in feed.entries] == [
        in_language("Reply from: %(recipient)s", language, recipient=body),
        in_language("Handed over to: %(recipient)s", language, recipient=body),
        NEWS[f"title_{language}"],
    ]
    reply, handed_over, item = feed.entries
    assert {"en": "We <em>heard</em> you.", "ru": "Мы вас <em>услышали</em>."}[language] in reply.content
    assert words(handed_over.content) in words(read(Client(), page_of(petition, "deliveries", language)))
    assert "<strong>" in item.content
    assert 'href="https://parliament.example/"' in item.content
    today = datetime.now(UTC).date()
    assert [entry.updated.date() for entry in feed.entries] == [today, today, datetime(2011, 1, 1, tzinfo=UTC).date()]


def test_each_entry_leads_to_its_place_on_a_page(petition: Petition, organiser: Client, settings: Settings) -> None:
    news(petition)
    news(petition, published_at="2011-01-01T11:00Z")
    hand_it_over(petition, organiser)
    for entry in feed_of(petition).entries:
        address, _, anchor = entry.link.partition("#")
        assert f'id="{anchor}"' in read(Client(), address.removeprefix(settings.SITE_ORIGIN))


@LANGUAGES
def test_it_is_named_in_the_head_of_the_pages_on_the_news_and_after_confirming(
    petition: Petition, language: str
) -> None:
    address = page_of(petition, "feed", language)
    link = re.compile(rf'<link rel="alternate"\s+type="application/atom\+xml"\s+title="[^"]+"\s+href="{address}">')
    for name in ("petition", "updates", "deliveries", "ledger"):
        assert len(link.findall(read(Client(), page_of(petition, name, language)))) == 1
    for name in ("thanks", "updates"):
        page = words(read(Client(), page_of(petition, name, language)))
        sentence = "To follow this petition without leaving an address, put this into a feed reader:"
        assert f"{in_language(sentence, language)} {absolute(address)}" in page
    assert "atom+xml" not in read(Client(), f"/{language}/")


def test_a_draft_is_not_in_it_nor_what_is_scheduled_or_taken_back(petition: Petition) -> None:
    organiser = factories.make_organiser()
    empty = Client().get(page_of(petition, "feed")).content
    update = news(petition, published_at=None)
    news(petition, published_at=datetime.now(UTC) + timedelta(days=1), is_scheduled=True)
    assert Client().get(page_of(petition, "feed")).content == empty
    publish_update(update=update, actor=organiser)
    (entry,) = feed_of(petition).entries
    update.refresh_from_db()
    take_update_back(update=update, actor=organiser)
    assert Client().get(page_of(petition, "feed")).content == empty
    publish_update(update=update, actor=organiser)
    assert feed_of(petition).entries == [entry]


def test_an_entry_keeps_its_identifier_when_its_text_or_the_site_changes(
    petition: Petition, settings: Settings
) -> None:
    update = news(petition)
    before = feed_of(petition)
    Update.objects.filter(pk=update.pk).update(title_en="Mended")
    news(petition)
    settings.SITE_ORIGIN = "https://elsewhere.example"
    after = feed_of(petition)
    assert before.identifier == after.identifier
    assert after.entries[-1].identifier == before.entries[0].identifier
    assert after.entries[-1].title == "Mended"
    other = feed_of(petition, "ru")
    assert {entry.identifier for entry in after.entries}.isdisjoint(entry.identifier for entry in other.entries)


def test_two_petitions_share_no_identifier(petition: Petition) -> None:
    other = factories.make_petition()
    for one in (petition, other):
        news(one)
    found = [
        [feed.identifier, *(entry.identifier for entry in feed.entries)] for feed in map(feed_of, (petition, other))
    ]
    assert len(set(found[0] + found[1])) == 4


def test_it_tells_the_day_and_no_time_of_day_as_the_pages_do(petition: Petition, organiser: Client) -> None:
    news(petition, published_at="2011-01-01T10:11:12.131415Z")
    hand_it_over(petition, organiser)
    feed = feed_of(petition)
    assert {entry.updated.time() for entry in feed.entries} | {feed.updated.time()} == {datetime.min.time()}


def test_the_same_campaign_gives_the_same_bytes_and_a_reader_who_has_them_a_304(petition: Petition) -> None:
    news(petition)
    path = page_of(petition, "feed")
    first, second = Client().get(path), Client().get(path)
    assert first.content == second.content
    assert first.headers["Cache-Control"] == "public, max-age=2, s-maxage=5"
    assert Client().get(path, headers={"if-none-match": first.headers["ETag"]}).status_code == 304
    assert not first.cookies


def test_what_is_in_another_language_says_so(petition: Petition) -> None:
    news(petition, title_en="", body_en="")
    (entry,) = feed_of(petition).entries
    assert (entry.language, entry.title) == ("ru", "В комитете")


def test_a_language_that_the_petition_lacks_leads_to_one_that_it_has(settings: Settings) -> None:
    english = factories.make_petition(languages=["en"])
    response = Client().get(page_of(english, "feed", "ru"))
    assert (response.status_code, response.headers["Location"]) == (302, page_of(english, "feed"))


def test_a_draft_petition_has_no_feed() -> None:
    assert Client().get(page_of(factories.make_petition(publish=False), "feed")).status_code == 404


def test_characters_that_no_xml_may_contain_do_not_break_it(petition: Petition) -> None:
    news(petition, title_en="A\x0b\x1f\ufffe <b>& title", body_en="Text \x08\uffff")
    (entry,) = feed_of(petition).entries
    assert entry.title.startswith("A")
    assert entry.title.endswith(" <b>& title")


def test_long_campaigns_are_told_by_their_newest_entries(petition: Petition) -> None:
    start = datetime(2011, 1, 1, tzinfo=UTC)
    for number in range(ENTRIES_MAX + 2):
        news(petition, title_en=f"News {number}", published_at=start + timedelta(days=number))
    entries = feed_of(petition).entries
    assert len(entries) == ENTRIES_MAX
    assert entries[0].title == f"News {ENTRIES_MAX + 1}"
