"""The petition's page tells how the campaign is going: news, countries, hand-overs, and never a name."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client

from signatures.models import Petition, Update
from signatures.models.protection import Protection
from tests.support import factories
from tests.support.hand_overs import answer, grow_older, hand_over
from tests.support.name_lists import recipient_of
from tests.support.page_reading import in_language, page_of, read, words
from tests.support.releases import release, sign_publicly

pytestmark = pytest.mark.django_db
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])


def going(petition: Petition, language: str = "en") -> str:
    """Return the part of the petition's page that tells how it is going."""
    found = re.search(r'<section class="proof".*', read(Client(), page_of(petition, language=language)), re.DOTALL)
    assert found
    return found.group()


def write(petition: Petition, number: int) -> Update:
    """Publish news, the higher the number the newer."""
    return Update.objects.create(
        petition=petition,
        title_en=f"Headline {number}",
        title_ru=f"Заголовок {number}",
        body_en=f"**Told** of day {number}. " + "Much more. " * 40,
        body_ru=f"**Рассказ** о дне {number}. " + "И ещё. " * 60,
        published_at=Now() - timedelta(days=30 - number),
    )


@LANGUAGES
def test_the_three_newest_news_stand_there_in_short_the_newest_first(petition: Petition, language: str) -> None:
    assert in_language("Updates", language) not in re.findall(r"<h3[^>]*>([^<]+)<", going(petition, language))
    for number in range(5):
        write(petition, number)
    Update.objects.create(petition=petition, title_en="A draft", title_ru="Черновик", body_en="x", body_ru="x")
    part = going(petition, language)
    headlines = ["Headline {}", "Заголовок {}"][language == "ru"]
    assert re.findall(r">([^<]*\d)</a>\s*</h4>", part) == [headlines.format(number) for number in (4, 3, 2)]
    assert ("Told of day 4." if language == "en" else "Рассказ о дне 4.") in words(part)
    assert "**" not in part
    assert part.count("…</p>") == 3


@LANGUAGES
def test_hand_overs_stand_there_once_they_reached_their_recipient_and_say_when_they_are_answered(
    petition: Petition, organiser: Client, language: str
) -> None:
    nothing = in_language("Nothing has been handed over yet.", language)
    assert nothing in words(going(petition, language))
    factories.make_signature(petition)
    grow_older(petition)
    delivery = hand_over(organiser, recipient_of(petition, "Parliament"))
    told = words(going(petition, language))
    assert nothing not in told
    assert ("Parliament" if language == "en" else "Парламент") in told
    answered = in_language("Answered", language)
    assert answered not in told
    answer(organiser, delivery)
    assert answered in words(going(petition, language))


@pytest.mark.parametrize("level", list(Protection))
def test_no_name_stands_on_a_page_that_search_engines_and_copies_keep(level: Protection) -> None:
    petition = factories.make_petition(protection=level)
    sign_publicly(petition, *(f"Аня Ўлашэнка {number}" for number in range(20)))
    assert release(petition)
    assert "Аня Ўлашэнка" in read(Client(), page_of(petition, "signers"))
    for language in ("en", "ru"):
        page = read(Client(), page_of(petition, language=language))
        assert "Ўлашэнка" not in page
        assert f'href="{page_of(petition, "signers", language)}"' in page


def test_of_many_countries_five_stand_there_and_the_others_unfold(petition: Petition) -> None:
    for place, country in enumerate(("BY", "PL", "LT", "DE", "UA", "US", "SE", "FR")):
        for _ in range(30 - place):
            factories.make_signature(petition, country=country)
    assert release(petition)
    part = going(petition)
    first, _, others = part.partition("<details>")
    names = re.findall(r'<th scope="row">([^<]+)<', first)
    assert names == ["Belarus", "Poland", "Lithuania", "Germany", "Ukraine"]
    assert len(re.findall(r'<th scope="row">', others)) == 3
    assert "All other countries" in words(others)


def test_for_auditors_there_is_one_line_at_the_end(petition: Petition) -> None:
    part = going(petition)
    line = part[part.index("for-auditors") :]
    for name in ("ledger", "ledger_json"):
        assert page_of(petition, name) in line
    assert f"{page_of(petition)}text/1/" in line
