"""What the desk says is told apart, and said in one way."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from signatures.models import Petition
from tests.support import factories
from tests.support.desk import change_path, publish
from tests.support.page_reading import read, words

pytestmark = pytest.mark.django_db
SIGNATURES = reverse("admin:signatures_signature_changelist")
PETITIONS = reverse("admin:signatures_petition_changelist")


def filters_on(page: str) -> dict[str, list[str]]:
    """Return the choices of each filter by its title."""
    found = re.findall(r'<details data-filter-title="([^"]*)".*?</details>', page, re.DOTALL)
    parts = re.split(r'<details data-filter-title="[^"]*"', page)[1:]
    return {
        title: [words(one) for one in re.findall(r"<a [^>]*>(.*?)</a>", part, re.DOTALL)]
        for title, part in zip(found, parts, strict=True)
    }


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_filter_of_the_list_has_two_choices_of_one_name(
    organiser: Client, petition: Petition, ordinary: Petition, language: str
) -> None:
    Petition.objects.filter(pk=ordinary.pk).update(title_en="A park", title_ru="Парк")
    factories.publish_next(petition)
    factories.make_signature(petition)
    organiser.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    filters = filters_on(read(organiser, SIGNATURES))
    assert len(filters) >= 6
    for title, choices in filters.items():
        assert len(choices) == len(set(choices)), title
    versions = next(choices for choices in filters.values() if len(choices) == 4 and choices[-1][-1].isdigit())
    title = {"en": "A park", "ru": "Парк"}[language]
    assert sum(title in choice for choice in versions) == 1


def test_the_petitions_are_filtered_by_what_the_list_says_of_them(organiser: Client, petition: Petition) -> None:
    later = factories.make_petition()
    Petition.objects.filter(pk=later.pk).update(
        title_en="Opens next week", opens_at=datetime.now(UTC) + timedelta(days=7)
    )
    assert "?phase=UPCOMING" in read(organiser, PETITIONS)
    assert "Opens next week" not in read(organiser, f"{PETITIONS}?phase=OPEN")
    assert "Opens next week" in read(organiser, f"{PETITIONS}?phase=UPCOMING")
    assert petition.title_en not in read(organiser, f"{PETITIONS}?phase=UPCOMING")


def test_whoever_tried_too_often_to_log_in_is_told_nothing_of_rights(visitor: Client, settings: Settings) -> None:
    settings.LOGIN_RATES = ["1/h"]
    path = reverse("admin:login")
    answers = [Client().post(path, {"username": "a", "password": "b"}) for _ in range(3)]
    page = answers[-1].content.decode()
    assert answers[-1].status_code == 429
    assert "nav-sidebar" not in page
    assert "permission" not in words(page)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_list_of_the_desk_writes_dates_with_the_day_first(
    organiser: Client, petition: Petition, language: str
) -> None:
    organiser.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    written = {"en": "1 January 2011, 00:00", "ru": "1 января 2011 года, 00:00"}[language]
    assert written in words(read(organiser, PETITIONS))
    publish(organiser, petition)
    versions = words(read(organiser, reverse("admin:signatures_textversion_changelist")))
    assert re.search(rf"\d{{1,2}} \w+ {datetime.now(UTC).year}( года)?, \d\d:\d\d", versions)


def test_a_sign_that_nobody_sees_is_named_by_its_number_with_the_words_around_it(
    organiser: Client, petition: Petition
) -> None:
    Petition.objects.filter(pk=petition.pk).update(body_en="Free them \ue000 now\n\nAnd him \U0001e8d0too")
    page = words(read(organiser, change_path(petition)))
    assert "U+E000 in “" in page
    assert re.search(r"U\+E000 in “[^”]*Free them", page)
    assert re.search(r"U\+1E8D0 in “[^”]*And him", page)
