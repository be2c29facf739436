"""Passing a petition on: links, pictures, what other sites and programs read."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from django.test import Client
from PIL import Image
from pytest_django import Settings

from signatures.models import Petition
from tests.support import factories
from tests.support.page_reading import page_of, read

pytestmark = pytest.mark.django_db
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
ORIGIN = "http://testserver"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"


@LANGUAGES
def test_thanks_offers_plain_links_with_a_warning_and_the_petition_itself_offers_none(
    db: None, visitor: Client, language: str
) -> None:
    petition = factories.make_petition(sharing_notice_en="Not by post.", sharing_notice_ru="Не по почте.")
    page = read(visitor, page_of(petition, "thanks", language))
    address = ORIGIN + page_of(petition, "petition", language)
    links = re.findall(r'href="((?:https|viber|mailto):[^"]*)"', page)
    assert len(links) == 6
    for link in links:
        parts = urlsplit(link.replace("&amp;", "&"))
        assert address in " ".join(value for values in parse_qs(parts.query).values() for value in values)
    assert {"en": "Not by post.", "ru": "Не по почте."}[language] in page
    assert page_of(petition, "qr", language) in page
    shown = read(visitor, page_of(petition, "petition", language))
    assert not re.findall(r'href="(?:https://(?:t\.me|vk\.com|x\.com)|viber:)', shown)
    # It stands on paper alone.
    assert f'href="{page_of(petition, "qr", language)}"' not in shown


@LANGUAGES
def test_picture_and_code_are_there_for_public_petitions_alone(
    petition: Petition, visitor: Client, language: str
) -> None:
    for name in ("card", "qr"):
        answer = visitor.get(page_of(petition, name, language))
        assert answer.headers["Content-Type"] == "image/png"
        assert "max-age=3600" in answer.headers["Cache-Control"]
        image = Image.open(io.BytesIO(answer.content))
        image.load()
        if name == "qr":
            (found,) = zxingcpp.read_barcodes(image.convert("L"))
            assert found.text == ORIGIN + page_of(petition, "petition", language)
    draft = factories.make_petition(publish=False)
    assert visitor.get(page_of(draft, "card", language)).status_code == 404
    assert visitor.get(page_of(draft, "qr", language)).status_code == 404


@LANGUAGES
def test_other_sites_are_told_title_picture_and_languages(petition: Petition, visitor: Client, language: str) -> None:
    page = read(visitor, page_of(petition, "petition", language))
    metas = dict(re.findall(r'<meta (?:property|name)="([^"]+)"\s+content="([^"]*)"', page))
    assert metas["og:title"] == {"en": "Freedom for all", "ru": "Свободу всем"}[language]
    assert metas["og:image"] == ORIGIN + page_of(petition, "card", language)
    assert (metas["og:image:width"], metas["og:image:height"]) == ("1200", "630")
    assert metas["twitter:card"] == "summary_large_image"
    alternates = dict(re.findall(r'hreflang="([\w-]+)"\s+href="(http[^"]+)"', page))
    assert alternates == {
        "en": ORIGIN + page_of(petition, "petition", "en"),
        "ru": ORIGIN + page_of(petition, "petition", "ru"),
        "x-default": ORIGIN + page_of(petition, "petition", "en"),
    }
    assert f'rel="canonical" href="{ORIGIN}{page_of(petition, "petition", language)}"' in " ".join(page.split())


def test_the_sitemap_lists_public_pages_in_every_language_and_every_one_is_there(
    petition: Petition, visitor: Client
) -> None:
    draft = factories.make_petition(publish=False)
    answer = visitor.get("/sitemap.xml")
    assert answer.headers["Content-Type"].startswith("application/xml")
    root = ET.fromstring(answer.content)  # noqa: S314 - our own
    urls = [entry.findtext(f"{SITEMAP}loc") or "" for entry in root]
    assert ORIGIN + page_of(petition, "petition", "ru") in urls
    assert ORIGIN + page_of(petition, "ledger", "en") in urls
    assert not [url for url in urls if draft.slug in url]
    for entry, url in zip(root, urls, strict=True):
        assert visitor.get(url.removeprefix(ORIGIN)).status_code == 200
        assert {link.get("hreflang") for link in entry.findall(f"{XHTML}link")} == {"en", "ru", "x-default"}
        assert "noindex" not in read(visitor, url.removeprefix(ORIGIN))


def test_robots_are_shown_the_sitemap_and_kept_from_nothing_that_is_public(petition: Petition, visitor: Client) -> None:
    lines = read(visitor, "/robots.txt").splitlines()
    assert f"Sitemap: {ORIGIN}/sitemap.xml" in lines
    closed = [line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow: ")]
    assert "/admin/" in closed
    assert not [path for path in closed if page_of(petition).startswith(path)]


def test_whom_to_tell_of_a_weakness_is_said(petition: Petition, visitor: Client, settings: Settings) -> None:
    fields = dict(line.split(": ", 1) for line in read(visitor, "/.well-known/security.txt").splitlines())
    assert fields["Contact"] == "mailto:contact@example.org"
    expires = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=30) < expires - datetime.now(UTC) < timedelta(days=365)
    settings.SECURITY_CONTACT = "https://example.org/report"
    # Another process, which has kept nothing.
    assert "Contact: https://example.org/report" in read(Client(), "/.well-known/security.txt")


def test_there_is_nobody_to_tell_while_there_is_neither_a_setting_nor_a_petition(db: None) -> None:
    factories.make_petition(publish=False)
    assert Client().get("/.well-known/security.txt").status_code == 404


def test_tor_browser_is_told_of_the_onion_service_where_there_is_one(
    petition: Petition, visitor: Client, settings: Settings
) -> None:
    assert "onion-location" not in read(visitor, page_of(petition))
    settings.ONION_ORIGIN = f"http://{'a' * 56}.onion"
    page = " ".join(read(Client(), page_of(petition)).split())
    assert f'http-equiv="onion-location" content="{settings.ONION_ORIGIN}{page_of(petition)}"' in page


@LANGUAGES
def test_the_accessibility_page_names_whom_to_write_to(petition: Petition, visitor: Client, language: str) -> None:
    page = read(visitor, f"/{language}/accessibility/")
    assert "WCAG" in page
    assert "mailto:contact@example.org" in page
    assert f"/{language}/accessibility/" in read(visitor, page_of(petition, language=language))
