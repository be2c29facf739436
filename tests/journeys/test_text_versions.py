"""Each version of a text can be read in each of its languages, with what changed since the one before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from urllib.parse import urljoin

import pytest
from django.test import Client
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve, reverse
from django.urls.converters import IntConverter

from signatures.models import Petition, Recipient
from signatures.models.choices import Profile
from signatures.texts import difference, matching
from signatures.texts.difference import STEPS_MAX
from signatures.texts.publishing import publish_text
from tests.support import factories
from tests.support.attacks.routes import all_routes
from tests.support.call_counting import lines_run
from tests.support.desk import publish, publish_path
from tests.support.page_reading import in_language, page_of, read, words
from tests.unit.texts.test_difference import LINES_PER_STEP, NASTY

pytestmark = pytest.mark.django_db
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])


def version_path(petition: Petition, number: int, language: str = "en") -> str:
    """Return the path of a version."""
    return reverse("text_version", kwargs={"language": language, "slug": petition.slug, "number": number})


def change(petition: Petition) -> None:
    """Publish another text with other recipients."""
    Petition.objects.filter(pk=petition.pk).update(
        body_en="The **whole** changed text.\n\n1. The first request", summary_ru="Мы просим свободы для всех."
    )
    factories.make_recipient(petition, "Senate", "Сенат")
    Recipient.objects.filter(petition=petition, name_en="Parliament").update(profile=Profile.TOTALS)
    petition.refresh_from_db()
    publish_text(petition=petition, actor=None)


@LANGUAGES
def test_a_version_stands_in_every_language_with_digest_and_recipients(
    petition: Petition, visitor: Client, language: str
) -> None:
    page = read(visitor, version_path(petition, 1, language))
    for code, title in (("en", "Freedom for all"), ("ru", "Свободу всем")):
        assert re.search(rf'<article lang="{code}"[^>]*>\s*<h2>{title}</h2>', page)
    assert factories.newest_version(petition).digest in page
    text = words(page)
    names, numbers = in_language("names and numbers", language), in_language("numbers only", language)
    assert {"en": f"Parliament: {names}", "ru": f"Парламент: {names}"}[language] in text
    assert {"en": f"Government: {numbers}", "ru": f"Правительство: {numbers}"}[language] in text
    assert "<ins>" not in page
    assert version_path(petition, 1, language) in read(visitor, page_of(petition, language=language))


@pytest.mark.parametrize("number", ["01", "+1", "1.0", "-1", "0", "00", "\u0661", "1%20", "%201"])
def test_a_number_has_one_spelling_in_an_address_so_that_no_cache_keeps_a_page_twice(
    petition: Petition, visitor: Client, number: str
) -> None:
    for page in ("text/{}/", "deliveries/{}/manifest.json"):
        response = visitor.get(page_of(petition) + page.format(number))
        assert (response.status_code, response["Cache-Control"]) == (404, "no-store"), page


def test_every_number_in_a_public_address_has_one_spelling() -> None:
    numbers = [route for route in all_routes() if not route.is_admin and "number" in route.parameters]
    assert len(numbers) >= 4
    for route in numbers:
        values = {"language": "en", "slug": "free", "number": "7"}
        assert resolve(route.pattern.format(**values)).kwargs["number"] == 7
        for spelling in ("07", "007", "+7", "٧"):
            with pytest.raises(Resolver404):
                resolve(route.pattern.format(**values | {"number": spelling}))
    # No other address of the site takes a number by a converter that is not ours.
    converters = [
        converter
        for pattern in all_patterns(get_resolver().url_patterns)
        for converter in getattr(pattern.pattern, "converters", {}).values()
    ]
    assert not any(isinstance(converter, IntConverter) for converter in converters)


def all_patterns(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[URLPattern | URLResolver]:
    """Yield every pattern of the public pages."""
    for pattern in patterns:
        if str(pattern.pattern) == "admin/":
            continue
        yield pattern
        if isinstance(pattern, URLResolver):
            yield from all_patterns(pattern.url_patterns)


@LANGUAGES
def test_what_changed_is_marked_word_by_word_and_for_each_recipient(
    petition: Petition, visitor: Client, language: str
) -> None:
    change(petition)
    page = " ".join(read(visitor, version_path(petition, 2, language)).split())
    for code, name in (("en", "English"), ("ru", "Русский")):
        assert f'<article lang="{code}"> <h3 class="small">{name}</h3> <p>' in page
    assert "The whole <ins>changed </ins>text." in page
    assert "Мы просим <del>свободы.</del><ins>свободы для всех.</ins>" in page
    assert in_language("new in this version", language) in words(page)
    assert in_language("changed in this version", language) in words(page)
    assert version_path(petition, 1, language) in page
    assert version_path(petition, 2, language) in read(visitor, version_path(petition, 1, language))


@pytest.mark.parametrize("name", ["names in lines", "a b a b"])
def test_what_changed_is_found_at_the_desk_alone_and_in_bounded_time_whatever_the_text(
    petition: Petition, organiser_client: Callable[[str], Client], name: str
) -> None:
    organiser = organiser_client("Organisers")
    old, new = NASTY[name]
    # Both texts are shown in each of their languages.
    allowed = 2 * LINES_PER_STEP * (STEPS_MAX + len(old.split()) + len(new.split()))
    for text in (old, new):
        Petition.objects.update(body_en=text, body_ru=text)
        looked = lines_run((difference, matching), lambda: read(organiser, publish_path(petition)))
        assert 0 < looked <= allowed
        publish(organiser, petition)
    assert factories.newest_version(petition).number == 3
    reader = Client()
    for language in ("en", "ru"):
        path = version_path(petition, 3, language)
        assert "<ins>" in read(reader, path)
        assert lines_run((matching,), partial(read, Client(), path)) == 0


def test_who_sends_a_form_of_the_version_before_is_led_to_what_changed(petition: Petition, visitor: Client) -> None:
    change(petition)
    answer = factories.sign(visitor, petition, version="1")
    assert answer.status_code == 422
    assert version_path(petition, 2) in answer.content.decode()


@pytest.mark.parametrize("number", [0, 2, 99, 2**31, 10**18])
def test_a_version_that_does_not_exist_is_a_404(petition: Petition, visitor: Client, number: int) -> None:
    assert visitor.get(urljoin(page_of(petition), f"text/{number}/")).status_code == 404
    draft = factories.make_petition(publish=False)
    assert visitor.get(urljoin(page_of(draft), "text/1/")).status_code == 404
