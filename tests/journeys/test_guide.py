"""The organisers' guide: whole in every language, shown at the desk, and true of what the desk shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import Settings

from signatures.admin.guide_places import PAGE_FOR
from signatures.languages import Language
from signatures.management.commands.ensure_roles import ROLES
from signatures.models import Petition
from tests.support.offered_languages import offer_languages

ROOT = Path(settings.BASE_DIR)
FOLDER = ROOT / "docs/organisers"
PAGES = sorted(file.stem for file in (FOLDER / "en").glob("*.md"))
CATALOGUES = ("locale/{}/LC_MESSAGES/django.po", "petition_site/django_texts/{}/LC_MESSAGES/django.po")
NOT_ITALIC = re.compile(r"```.*?```|`[^`]*`|\*\*.*?\*\*", re.DOTALL)
ITALIC = re.compile(r"(?<![*\w])\*([^*\s][^*]*)\*(?![*\w])")
LANGUAGES = pytest.mark.parametrize("language", Language.values)
LogIn = Callable[[str], Client]


def text_of(language: str, page: str) -> str:
    """Return the source of a page."""
    return (FOLDER / language / f"{page}.md").read_text(encoding="utf-8")


def plain(text: str) -> str:
    """Return a text of the interface as the guide may write it: case, blanks and what stands at its end aside."""
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split()).lower().rstrip(".:…")


def texts_of_the_desk(language: str) -> set[str]:
    """Return everything that the interface says in a language."""
    found: set[str] = set()
    for path in CATALOGUES:
        # English stands in the code, and so in every catalogue.
        file = ROOT / path.format(Language.RU if language == Language.EN else language)
        if not file.exists():
            continue
        with file.open("rb") as catalogue:
            for message in read_po(catalogue):
                texts = message.id if language == Language.EN else message.string
                found.update(map(plain, [texts] if isinstance(texts, str) else texts or ()))
    return found


def names_of_addresses(resolver: URLResolver) -> Iterator[str]:
    """Yield the name of every address of the desk."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from names_of_addresses(one)
        elif isinstance(one, URLPattern) and one.name:
            yield one.name


@LANGUAGES
def test_every_page_is_there_in_every_language_and_the_contents_lead_to_it(language: str) -> None:
    assert sorted(file.stem for file in (FOLDER / language).glob("*.md")) == PAGES
    linked = re.findall(r"\]\(([a-z-]+)\.md\)", text_of(language, "index"))
    assert sorted(linked) == [page for page in PAGES if page != "index"]


@LANGUAGES
def test_what_the_guide_names_is_what_the_desk_shows(language: str) -> None:
    known = texts_of_the_desk(language)
    named = [
        (page, plain(name)) for page in PAGES for name in ITALIC.findall(NOT_ITALIC.sub("", text_of(language, page)))
    ]
    assert [one for one in named if one[1] not in known] == []


@LANGUAGES
def test_every_picture_of_the_guide_is_there(language: str) -> None:
    for page in PAGES:
        for path in re.findall(r"!\[[^\]]+\]\(\.\./\.\./\.\./static/([^)]+)\)", text_of(language, page)):
            assert finders.find(path), (page, path)
        assert text_of(language, page).count("![") == text_of(language, page).count("](../../../static/")


@LANGUAGES
def test_the_desk_shows_every_page_and_its_links_lead_on(
    petition: Petition, organiser_client: LogIn, settings: Settings, language: str
) -> None:
    offer_languages(settings, *Language.values)
    client = organiser_client("Editors")
    for page in PAGES:
        address = reverse("admin:guide") if page == "index" else reverse("admin:guide_page", args=[page])
        answer = client.get(address, headers={"accept-language": language})
        assert answer.status_code == 200, page
        shown = answer.content.decode()
        assert f'lang="{language}"' in shown
        for link in re.findall(r'href="(/admin/guide/[^"]*)"', shown):
            assert client.get(link).status_code == 200, (page, link)
        assert ".md" not in re.sub(r"<code>.*?</code>", "", shown, flags=re.DOTALL), page
    assert client.get(reverse("admin:guide_page", args=["no-such-page"])).status_code == 404


def test_each_page_of_the_desk_leads_to_the_page_of_the_guide_about_it(
    petition: Petition, organiser_client: LogIn
) -> None:
    client = organiser_client("Organisers")
    waves = client.get(reverse("admin:petition_waves", args=[petition.pk])).content.decode()
    assert f'<a href="{reverse("admin:guide_page", args=["fakes"])}">Guide</a>' in waves
    alone = client.get(reverse("admin:signatures_textversion_changelist")).content.decode()
    assert f'<a href="{reverse("admin:guide")}">Guide</a>' in alone


def test_every_place_that_the_guide_is_linked_from_exists_and_so_does_its_page() -> None:
    assert set(PAGE_FOR.values()) <= set(PAGES)
    assert set(PAGE_FOR) <= set(names_of_addresses(get_resolver()))


@LANGUAGES
def test_the_guide_tells_what_each_role_may_do(language: str) -> None:
    rows = re.findall(r"^\| ([^|]+) \|", text_of(language, "colleagues"), re.MULTILINE)
    if language == Language.EN:
        assert {row for row in rows if row in ROLES} == set(ROLES)
    assert len(rows) >= len(ROLES) + 1
