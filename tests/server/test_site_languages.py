"""A site that offers other languages than the default ones: its addresses are made when it starts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.page_reading import words
from tests.support.server.web_site import PETITION_PATH, WebSite, signer, web_site

pytestmark = pytest.mark.xdist_group("servers")
SLUG = "petitions/belarus-political-prisoners"
RUSSIAN = [("Accept-Language", "ru")]
ENGLISH = [("Accept-Language", "en")]
PAGES = ("", "sent/", "thanks/", "my-signature/", "deliveries/", "updates/", "signers/", "ledger/", "text/1/")
OFFER = re.compile(r'<nav class="languages"|hreflang="(?:en|ru)"')


@pytest.fixture(scope="module")
def in_english(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    """Return a site in English alone, of which the first petition was published in English and Russian before."""
    with web_site(loaded_database, tmp_path_factory.mktemp("english"), {"SITE_LANGUAGES": "en"}) as site:
        yield site


@pytest.fixture(scope="module")
def russian_first(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    """Return a site whose default language is Russian."""
    with web_site(loaded_database, tmp_path_factory.mktemp("russian"), {"SITE_LANGUAGES": "ru, en"}) as site:
        yield site


def test_a_site_in_one_language_has_no_address_in_another_and_offers_none(in_english: WebSite) -> None:
    for page in ("", "privacy/", "accessibility/", "confirm/", *(f"{SLUG}/{name}" for name in PAGES)):
        found = in_english.get(f"/en/{page}", RUSSIAN)
        assert found.status == 200, page
        assert '<nav class="languages"' not in found.text, page
        assert 'hreflang="ru"' not in found.text, page
        assert in_english.get(f"/ru/{page}").status == 404, page
    assert in_english.get("/", RUSSIAN).headers["Location"] == f"/en/{SLUG}/"
    for path in ("/sitemap.xml", "/robots.txt"):
        told = in_english.get(path).text
        assert "/ru/" not in told
        assert "/en/" in told
    assert "signable" not in in_english.log


def test_its_error_pages_speak_its_language_alone(in_english: WebSite) -> None:
    found = in_english.get("/nowhere/", RUSSIAN)
    assert found.status == 404
    assert words(found.text).count("There is no such page.") == 2  # the heading, and the title
    assert not re.search("[а-яё]", found.text)


def test_its_petitions_are_signed_in_its_language(in_english: WebSite) -> None:
    sent = in_english.post(PETITION_PATH.replace("/ru/", "/en/"), signer())
    assert (sent.status, sent.headers["Location"]) == (303, f"/en/{SLUG}/sent/")
    assert in_english.query("SELECT DISTINCT language FROM signatures_attempt") == [("en",)]


def test_a_petition_of_which_the_site_offers_no_language_is_still_there(loaded_database: str, tmp_path: Path) -> None:
    # Of its own, so that no process has kept a page.
    with web_site(loaded_database, tmp_path, {"SITE_LANGUAGES": "en"}) as site:
        take_english_away(site)
        for page in PAGES:
            assert site.get(f"/en/{SLUG}/{page}").status == 200, page
        shown = site.get(f"/en/{SLUG}/").text
        assert re.search(r'<h1 lang="ru">[^<]*[а-яё]', shown)
        assert "Sign the petition" in shown
        assert re.search(r'<h2 lang="ru">\s*<a href="/en/', site.get("/en/").text)
        assert site.post(f"/en/{SLUG}/", signer()).headers["Location"] == f"/en/{SLUG}/sent/"


def take_english_away(site: WebSite) -> None:
    """Leave of the published text what is Russian."""
    tables = ("signatures_textversion", "signatures_textversionbody")
    thaw = "; ".join(f"ALTER TABLE {table} {{0}} TRIGGER frozen" for table in tables)
    site.query(thaw.format("DISABLE"))
    site.query("UPDATE signatures_textversion SET languages = '{ru}'")
    site.query("DELETE FROM signatures_textversionbody WHERE language = 'en'")
    site.query(thaw.format("ENABLE"))


def test_the_first_language_of_the_settings_is_the_default(russian_first: WebSite) -> None:
    assert russian_first.get("/", [("Accept-Language", "de")]).headers["Location"] == f"/ru/{SLUG}/"
    assert russian_first.get("/", ENGLISH).headers["Location"] == f"/en/{SLUG}/"
    page = russian_first.get("/en/").text
    assert re.search(r'hreflang="x-default"\s+href="http://testserver/ru/"', page)
    (switch,) = re.findall(r'<nav class="languages".*?</nav>', page, re.DOTALL)
    assert words(switch) == "Русский English"
    lost = words(russian_first.get("/nowhere/").text)
    assert lost.index("Такой страницы нет") < lost.index("There is no such page")
