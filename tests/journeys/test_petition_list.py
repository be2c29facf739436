"""The list of petitions goes on from page to page, and the pages about the whole site say where the rest is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from signatures.models import Petition
from signatures.publishing.petition_list import PETITIONS_PER_PAGE
from tests.support import factories
from tests.support.page_reading import in_language, page_of, read, words
from tests.support.releases import release, sign_hidden

LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
MORE = {
    "privacy": "Here stand those that opened last. Each petition’s own page says who is responsible for it, too.",
    "accessibility": "Here stand those that opened last. Each petition’s own page says whom to write to, too.",
}


@pytest.fixture
def petitions(db: None) -> list[Petition]:
    """Return more petitions than two pages hold, the newest first, each run by somebody else."""
    opened = datetime(2011, 1, 1, tzinfo=UTC)
    return [
        factories.make_petition(
            opens_at=opened - timedelta(days=number),
            contact=f"contact{number}@example.org",
            erase_on="2100-01-01" if number == 2 * PETITIONS_PER_PAGE else None,
            title_en=f"The {number}th title",
        )
        for number in range(2 * PETITIONS_PER_PAGE + 1)
    ]


@LANGUAGES
def test_every_petition_is_on_one_page_the_newest_first(petitions: list[Petition], language: str) -> None:
    factories.make_petition(publish=False)
    found, path = [], f"/{language}/"
    for number in (1, 2, 3):
        page = read(Client(), path)
        found += re.findall(r'<h2>\s*<a href="([^"]+)"', page)
        assert len(found) == min(number * PETITIONS_PER_PAGE, len(petitions))
        onward = re.findall(rf'href="(/{language}/page/[^"]+)"', page)
        assert (in_language("Older petitions", language) in words(page)) == (number < 3)
        assert (in_language("Newer petitions", language) in words(page)) == (number > 1)
        path = f"/{language}/page/{number + 1}/"
        assert (path in onward) == (number < 3)
    assert found == [page_of(petition, language=language) for petition in petitions]
    assert f'href="/{language}/"' in read(Client(), f"/{language}/page/2/")


@LANGUAGES
def test_pages_that_are_not_there_are_not_found_and_the_first_has_one_address(
    petition: Petition, language: str
) -> None:
    for number in ("2", "1001", "99999999999999999999", "0", "01", "x"):
        assert Client().get(f"/{language}/page/{number}/").status_code == 404, number
    answer = Client().get(f"/{language}/page/1/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/{language}/")
    page = read(Client(), f"/{language}/")
    assert "/page/" not in page


@LANGUAGES
@pytest.mark.parametrize("name", MORE)
def test_the_pages_about_the_site_name_those_that_opened_last_and_say_where_the_others_are(
    petitions: list[Petition], language: str, name: str
) -> None:
    page = read(Client(), f"/{language}/{name}/")
    assert len(set(re.findall(r"contact\d+@example.org", page))) == PETITIONS_PER_PAGE
    assert in_language(MORE[name], language) in words(page)
    # Of the others each petition's own page says it.
    last = petitions[-1]
    assert last.contact not in page
    assert f'<a href="mailto:{last.contact}"' in read(Client(), page_of(last, language=language))


def test_whose_data_is_erased_on_a_day_is_told_however_old_the_petition_is(petitions: list[Petition]) -> None:
    assert "“The 100th title”: erased on 1 January 2100 (UTC) at the latest." in words(read(Client(), "/en/privacy/"))


def test_the_list_tells_the_newest_release_and_of_an_ordinary_petition_the_number_of_this_moment(
    petition: Petition, ordinary: Petition
) -> None:
    for one in (petition, ordinary):
        for _ in range(2):
            sign_hidden(one)
            assert release(one)
        sign_hidden(one, 3)
    counts = {
        path: words(entry)
        for path, entry in re.findall(r'<h2>\s*<a href="([^"]+)"(.*?)</article>', read(Client(), "/en/"), re.DOTALL)
    }
    assert "20 people have signed" in counts[page_of(petition)]
    assert "23 people have signed" in counts[page_of(ordinary)]


@LANGUAGES
def test_nothing_is_said_of_others_where_all_are_named(petition: Petition, language: str) -> None:
    for name, sentence in MORE.items():
        assert in_language(sentence, language) not in words(read(Client(), f"/{language}/{name}/"))
