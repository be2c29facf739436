"""The petition that a local start loads."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.test import Client

from signatures.models import AuditEntry, Petition, TextVersion
from signatures.texts.digest import digest_of
from signatures.texts.publishing import draft_content
from tests.support import factories
from tests.support.page_reading import page_of, read, words

pytestmark = pytest.mark.django_db
TITLES = {
    "en": "Freedom for Political Prisoners of Belarus",
    "ru": "Свободу политическим заключённым Беларуси",
}


def load() -> str:
    """Run the command and return what it prints."""
    out = io.StringIO()
    call_command("load_first_petition", stdout=out)
    return out.getvalue().strip()


def test_an_empty_database_gets_the_petition_open_and_published_in_every_language() -> None:
    assert load() == "petitions loaded: 1"
    petition = Petition.objects.get()
    assert (petition.slug, petition.status) == ("belarus-political-prisoners", "OPEN")
    assert petition.opens_at == datetime(2011, 1, 1, tzinfo=UTC)
    assert petition.closes_at is None
    assert petition.contact == "contact@example.org"
    assert not petition.asks_city
    for language, title in TITLES.items():
        page = read(Client(), page_of(petition, language=language))
        assert title in page
        assert {"en": "Vyzvalenne", "ru": "«Вызваленне»"}[language] in page
        assert page.count('method="post"') == 1


def test_its_version_has_a_digest_of_what_is_shown_and_the_six_requests_in_every_language() -> None:
    load()
    petition, version = Petition.objects.get(), TextVersion.objects.get()
    assert version.number == 1
    assert version.digest == digest_of(draft_content(petition, list(petition.recipients.all()), 1))
    for language in TITLES:
        body = version.bodies.get(language=language)
        numbered = [line for line in body.body.splitlines() if line[:1].isdigit() and line[1:3] == ". "]
        assert [line[:3] for line in numbered] == [f"{number}. " for number in range(1, 7)]
        assert "2011" in body.body.splitlines()[0]
        assert 300 <= len(body.body.split()) <= 560
        assert body.consent
        assert body.summary
    assert "в Белоруссии" not in version.bodies.get(language="ru").body


def test_its_recipients_have_the_profiles_of_the_brief() -> None:
    load()
    assert list(TextVersion.objects.get().recipients.values_list("recipient__name_en", "profile")) == [
        ("European Parliament, Committee on Petitions", "NAMES"),
        ("UN Special Rapporteur on the situation of human rights in Belarus", "NAMES"),
        ("Humanitarian and human-rights organisations", "TOTALS"),
        ("Government of the Russian Federation", "TOTALS"),
        ("Government of the Republic of Belarus", "TOTALS"),
    ]
    page = words(read(Client(), page_of(Petition.objects.get(), language="ru")))
    assert "Европейский парламент, Комитет по петициям" in page


def test_it_is_loaded_once_and_never_beside_another() -> None:
    load()
    assert load() == "petitions loaded: 0"
    assert TextVersion.objects.count() == 1
    assert AuditEntry.objects.count() == 1


def test_it_is_not_loaded_beside_a_draft() -> None:
    factories.make_petition(publish=False)
    assert load() == "petitions loaded: 0"
    assert Petition.objects.count() == 1
